"""Where a rendering process is asked before the database is: publishing and previews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.context import Caller, Reach, service_caller
from chassis.domain import Forbidden
from notifications.delivery.recipients import Recipients
from notifications.templates import queries, variables
from notifications.templates.domain import Draft, TemplateVersion
from notifications.templates.proving import SOMEBODY, Proof, proof_of
from notifications.templates.rendering.messages import (
    RecipientFields,
    RenderedMessage,
    RenderOrder,
)
from notifications.templates.rendering.renderer import Renderer
from notifications.templates.samples import sample

READ_PEOPLE = "contacts.people.read"


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody wants to see: on which channel, for whom, with which variables.

    Without variables those are made up; with a person's id, name and language are the person's.
    """

    channel: str
    language: str = ""
    variables: Mapping[str, Any] | None = None
    recipient: RecipientFields = field(default_factory=lambda: SOMEBODY)
    person_id: UUID | None = None


class Workbench:
    """Tries templates for their authors. `read` runs a query within the author's reach."""

    def __init__(self, renderer: Renderer, recipients: Recipients) -> None:
        self._renderer = renderer
        self._recipients = recipients

    def prove(self, read: Callable[..., Any], template_id: UUID) -> Proof:
        """Try the draft as it is now. Raises `NotFound`, `Unavailable`."""
        draft: Draft = read(queries.draft_version, template_id).draft
        return proof_of(self._renderer, draft)

    def show(self, caller: Caller, version: TemplateVersion, trial: Trial) -> RenderedMessage:
        """The message as it would be sent.

        Raises `TemplateFailed`, `Invalid` for variables that do not fit, `Forbidden` for a person
        whom the author may not read, `NotFound` for nobody, `Unavailable`.
        """
        recipient = self._recipient(caller, trial)
        schema = version.draft.variables
        given = trial.variables
        if given is None:
            given = sample({"type": "object", **schema}, optional=True)
        else:
            given = variables.accepted(schema, given)
        language = trial.language or recipient.language
        return self._renderer.render(
            version, RenderOrder(trial.channel, language, given, recipient)
        )

    def _recipient(self, caller: Caller, trial: Trial) -> RecipientFields:
        if trial.person_id is None or caller.tenant_id is None:
            return trial.recipient
        if caller.reach(READ_PEOPLE) is not Reach.ALL:
            message = f"To see a message for a person needs {READ_PEOPLE} with reach over all."
            raise Forbidden(message, code="permission_missing")
        asking = service_caller("notifications", caller.tenant_id)
        person = self._recipients.person(asking, trial.person_id, trial.channel, "", "")
        return RecipientFields(
            person.name, person.given_name, person.family_name, person.language, person.time_zone
        )
