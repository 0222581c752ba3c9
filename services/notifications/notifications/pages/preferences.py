"""The page on which a person says what they want to get, led to by a signed link, without a login."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Response, request

from chassis.context import Caller, service_caller
from chassis.domain import NotFound, Unavailable
from chassis.storage.unit_of_work import Operations
from notifications.delivery.public_links import PREFERENCES
from notifications.delivery.recipients import PersonConsent, Recipients
from notifications.pages.site import page, words_of_browser
from notifications.pages.unsubscribing import unsubscribe
from notifications.pages.words import Words
from notifications.secrecy import Links
from notifications.suppressions.domain import Scope, SuppressionReason, Whom
from notifications.suppressions.operations import allow_again, suppress
from notifications.suppressions.storage import scopes_of
from notifications.transaction import NotificationsTx

_ALL_OFF, _SAVE = "all_off", "save"
_SOURCE = "preference page"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads the page, and the message that led there."""

    caller: Caller
    person_id: UUID
    message_id: UUID
    language: str


class Preferences:
    """Shows and takes a person's choices; while contacts is away only everything can be ended."""

    def __init__(
        self, operations: Operations[NotificationsTx], links: Links, recipients: Recipients
    ) -> None:
        self._operations = operations
        self._links = links
        self._recipients = recipients

    def show(self, token: str) -> Response:
        """The choices as they are."""
        return self._shown(self._reader(token))

    def save(self, token: str) -> Response:
        """Take the choices over."""
        reader = self._reader(token)
        if request.form.get("action") == _ALL_OFF:
            return self._end_all(reader)
        wanted = set(request.form.getlist("choice"))
        try:
            for consent in self._consents(reader)[0]:
                self._say(reader, consent, granted=_value(consent) in wanted)
        except Unavailable:
            words = words_of_browser(reader.language)
            return self._shown(reader, words("preferences.not_saved"))
        words = words_of_browser(reader.language)
        return self._shown(reader, words("preferences.saved"))

    def _end_all(self, reader: _Reader) -> Response:
        self._operations.run(reader.caller, unsubscribe, reader.message_id, "")
        words = words_of_browser(reader.language)
        return page(words, words("preferences.title"), words("preferences.all_off_done"))

    def _say(self, reader: _Reader, consent: PersonConsent, *, granted: bool) -> None:
        """Tell contacts what has changed; what is off holds here at once, whatever contacts does."""
        if granted == consent.granted:
            return
        if not granted:
            self._operations.run(reader.caller, _switch_off, reader, consent)
        said = replace(consent, granted=granted)
        proof = f"message {reader.message_id}"
        self._recipients.record_consent(reader.caller, reader.person_id, said, _SOURCE, proof)
        if granted:
            self._operations.run(reader.caller, _switch_on, reader.person_id, consent)

    def _shown(self, reader: _Reader, notice: str = "") -> Response:
        words = words_of_browser(reader.language)
        title = words("preferences.title")
        extra = {"action": _ALL_OFF, "button": words("preferences.all_off")}
        try:
            consents, language = self._consents(reader)
        except Unavailable:
            text = words("preferences.unavailable")
            return page(words, title, *filter(None, (notice, text)), status=503, extra=extra)
        if language and not reader.language:
            words = words_of_browser(language)
        if not consents:
            return page(words, title, words("preferences.none"))
        form = {
            "choices": [_choice(words, consent) for consent in consents],
            "hidden": [],
            "action": _SAVE,
            "button": words("preferences.save"),
        }
        return page(words, title, *filter(None, (notice,)), form=form, extra=extra)

    def _consents(self, reader: _Reader) -> tuple[Sequence[PersonConsent], str]:
        """What contacts knows; what is suppressed here is off, whatever contacts knows."""
        said, language = self._recipients.consents(reader.caller, reader.person_id)
        off = self._operations.run(reader.caller, _suppressed, reader.person_id, said)
        return [
            replace(one, granted=one.granted and _value(one) not in off) for one in said
        ], language

    def _reader(self, token: str) -> _Reader:
        said = self._links.read(PREFERENCES, token)
        if said is None:
            raise NotFound("The link is not one of ours.")
        tenant_id, message_id, _ = said
        caller = service_caller("notifications", tenant_id)
        message = self._operations.run(caller, lambda tx: tx.messages.get(message_id))
        person_id = message.order.recipient.person_id
        if person_id is None:
            raise NotFound("The message was to nobody who could choose.")
        return _Reader(caller, person_id, message_id, message.language)


def _switch_off(tx: NotificationsTx, reader: _Reader, consent: PersonConsent) -> None:
    scope = Scope(consent.channel, consent.purpose)
    whom = Whom(reader.person_id, message_id=reader.message_id)
    suppress(tx, scope, whom, SuppressionReason.UNSUBSCRIBED)


def _switch_on(tx: NotificationsTx, person_id: UUID, consent: PersonConsent) -> None:
    now = tx.clock.now()
    allow_again(tx, person_id, consent.channel, consent.purpose, said_at=now)


def _suppressed(
    tx: NotificationsTx, person_id: UUID, consents: Sequence[PersonConsent]
) -> set[str]:
    scopes = {
        channel: scopes_of(tx, person_id, None, channel)
        for channel in {consent.channel for consent in consents}
    }
    return {
        _value(consent)
        for consent in consents
        if any(scope.covers(consent.purpose, promotional=True) for scope in scopes[consent.channel])
    }


def _value(consent: PersonConsent) -> str:
    return f"{consent.channel}:{consent.purpose}"


def _choice(words: Words, consent: PersonConsent) -> dict[str, object]:
    name = words.name_of(consent.names, consent.purpose)
    return {
        "value": _value(consent),
        "checked": consent.granted,
        "label": f"{name} ({words.channel(consent.channel)})",
    }
