"""Unsubscribing by one click (RFC 8058): works without contacts, which hears of it by a fact."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.context import Caller, service_caller
from chassis.domain import NotFound
from chassis.storage.unit_of_work import Operations
from notifications.delivery.public_links import PREFERENCES, PREFIX, UNSUBSCRIBE
from notifications.messages.domain import Message
from notifications.pages.site import page, words_of_browser
from notifications.pages.words import Words
from notifications.secrecy import Links
from notifications.suppressions.domain import Scope, SuppressionReason, Whom
from notifications.suppressions.operations import suppress
from notifications.transaction import NotificationsTx


def unsubscribe(tx: NotificationsTx, message_id: UUID, purpose: str | None = None) -> Message:
    """Send the recipient of a message no more for its purpose; for none with an empty one."""
    message = tx.messages.get(message_id)
    order = message.order
    scope = Scope(order.channel, order.purpose if purpose is None else purpose)
    whom = Whom(order.recipient.person_id, message.fingerprint, "", message.id)
    if whom.person_id is None and whom.fingerprint is None:
        raise NotFound.of("recipient", message_id)
    suppress(tx, scope, whom, SuppressionReason.UNSUBSCRIBED)
    return message


class Unsubscribing:
    """The page with the button, and what the button and mail programs post to."""

    def __init__(self, operations: Operations[NotificationsTx], links: Links) -> None:
        self._operations = operations
        self._links = links

    def show(self, token: str) -> Response:
        """Ask, since whatever looks at links must not unsubscribe anybody."""
        caller, message_id = self._meant(token)
        message = self._operations.run(caller, lambda tx: tx.messages.get(message_id))
        words = words_of_browser(message.language)
        form = {
            "choices": [],
            "hidden": [("List-Unsubscribe", "One-Click")],
            "action": "unsubscribe",
            "button": words("unsubscribe.button"),
        }
        title, text = words("unsubscribe.title"), words("unsubscribe.ask")
        return page(words, title, text, form=form, link=self._preferences(words, message, caller))

    def unsubscribe(self, token: str) -> Response:
        """Unsubscribe; as often as it is posted it is done once."""
        caller, message_id = self._meant(token)
        message = self._operations.run(caller, unsubscribe, message_id)
        words = words_of_browser(message.language)
        title, text = words("unsubscribe.title"), words("unsubscribe.done")
        return page(words, title, text, link=self._preferences(words, message, caller))

    def _meant(self, token: str) -> tuple[Caller, UUID]:
        said = self._links.read(UNSUBSCRIBE, token)
        if said is None:
            raise NotFound("The link is not one of ours.")
        tenant_id, message_id, _ = said
        return service_caller("notifications", tenant_id), message_id

    def _preferences(self, words: Words, message: Message, caller: Caller) -> dict[str, str] | None:
        if message.order.recipient.person_id is None or caller.tenant_id is None:
            return None
        token = self._links.token(PREFERENCES, caller.tenant_id, message.id)
        text = words("unsubscribe.preferences")
        return {"address": f"{PREFIX}/{PREFERENCES}/{token}", "text": text}
