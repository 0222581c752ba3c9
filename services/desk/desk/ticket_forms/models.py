"""Forms of tickets, and what they hold back, as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.names import Key, Language, Name, Tag
from desk.ticket_facts.domain import TicketType
from desk.ticket_forms.domain import (
    MOST_ORIGINS,
    FormDefinition,
    HeldSubmission,
    SubmissionState,
    Suspicion,
    TicketForm,
)
from desk.tickets.domain import MOST_TAGS
from desk.tickets.models import Subject

Origin = Annotated[str, Field(max_length=300, pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


class FormFields(Body):
    """From which pages a form is taken, and what tickets come of it."""

    allowed_origins: Annotated[tuple[Origin, ...], Field(min_length=1, max_length=MOST_ORIGINS)]
    type: TicketType = TicketType.QUESTION
    queue_id: UUID | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)] = ()


class TicketFormIn(FormFields):
    """A new form; its key is for good."""

    key: Key
    name: Name


class TicketFormPatch(Patch, FormFields):
    """What may change about a form."""

    name: Name = ""
    allowed_origins: Annotated[
        tuple[Origin, ...], Field(min_length=1, max_length=MOST_ORIGINS)
    ] = ()


class SubmissionIn(Body):
    """What a visitor sends. `key` makes it count once; `website` is hidden, and stays empty."""

    name: Annotated[str, Field(max_length=200)] = ""
    email: Email
    subject: Subject
    text: Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S")]
    language: Language | Annotated[str, Field(max_length=0)] = ""
    key: Annotated[str, Field(max_length=100)] = ""
    website: Annotated[str, Field(max_length=1_000)] = ""


class TicketFormOut(BaseModel):
    """A form. `path` is what visitors' pages send to."""

    id: UUID
    version: int
    key: str
    name: str
    allowed_origins: list[str]
    type: TicketType
    queue_id: UUID | None
    tags: list[str]
    path: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class TicketSubmissionOut(BaseModel):
    """A submission that was held back, with why; its answers are gone once it was looked at."""

    id: UUID
    version: int
    ticket_form_id: UUID
    state: SubmissionState
    reasons: list[Suspicion]
    answers: dict[str, str]
    received_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None
    ticket_id: UUID | None


def changes_of(body: TicketFormIn | TicketFormPatch) -> dict[str, Any]:
    """What a body mentions, as fields of the definition."""
    names = FormDefinition.__dataclass_fields__.keys() & body.model_fields_set
    return {name: getattr(body, name) for name in names}


def shown(one: TicketForm) -> dict[str, Any]:
    """A form as the API shows one."""
    own = ("id", "version", "key", "created_at", "updated_at", "archived_at")
    definition = one.definition
    return {
        **{name: getattr(one, name) for name in own},
        "name": definition.name,
        "allowed_origins": list(definition.allowed_origins),
        "type": definition.type,
        "queue_id": definition.queue_id,
        "tags": list(definition.tags),
        "path": f"/p/desk/forms/{one.id}",
    }


def held_shown(one: HeldSubmission) -> dict[str, Any]:
    """A submission as the API shows one."""
    own = {name: getattr(one, name) for name in TicketSubmissionOut.model_fields}
    return {**own, "reasons": list(one.reasons), "answers": dict(one.answers)}
