"""Words messages with the templates that are live."""

from __future__ import annotations

from chassis.context import Caller
from chassis.domain import Invalid, NotFound
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from notifications.delivery.wording import CannotWord, Wanted, Worded
from notifications.messages.domain import Content
from notifications.templates.live import live_version
from notifications.templates.rendering.messages import RecipientFields, RenderOrder
from notifications.templates.rendering.renderer import Renderer
from notifications.templates.variables import accepted
from notifications.transaction import NotificationsTx


class TemplateWording:
    """Renders what is live in a tenant: its own template, else the platform's of that key."""

    def __init__(self, operations: Operations[NotificationsTx], renderer: Renderer) -> None:
        self._operations = operations
        self._renderer = renderer

    def word(self, caller: Caller, wanted: Wanted) -> Worded:
        """The words of a message, in the language of whoever gets it.

        Raises `CannotWord` when there is no such template, the variables do not fit it, or it
        cannot be rendered; `Unavailable`.
        """
        addressee = wanted.addressee
        recipient = RecipientFields(
            addressee.name,
            addressee.given_name,
            addressee.family_name,
            addressee.language,
            addressee.time_zone,
        )
        try:
            version = self._operations.read(caller, EVERYTHING, live_version, wanted.template)
            variables = accepted(version.draft.variables, wanted.variables)
            order = RenderOrder(
                wanted.channel, addressee.language, variables, recipient, wanted.links
            )
            message = self._renderer.render(version, order)
        except (Invalid, NotFound) as error:
            raise CannotWord(_reason(error)) from None
        subject = message.subject or message.title
        content = Content(subject, message.text, message.html, message.link)
        return Worded(content, message.language)


def _reason(error: Invalid | NotFound) -> str:
    """The first thing that is wrong, with its place."""
    for violation in error.violations:
        return f"{violation.pointer}: {violation.message}"
    return error.message
