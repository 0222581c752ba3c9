"""Tickets as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Patch
from desk.names import Key, Language, Sku, Tag
from desk.ticket_facts.domain import Channel, Priority, Status, TicketType
from desk.tickets.domain import (
    CHANGEABLE,
    MOST_EXTERNAL_IDS,
    MOST_TAGS,
    ExternalId,
    Ticket,
    TicketDetails,
)

MOST_VALUES = 100
Subject = Annotated[str, Field(min_length=1, max_length=200)]
Address = Annotated[str, Field(max_length=254, pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+)?$")]
ValueIn = bool | Annotated[str, Field(max_length=500)] | None
"""A value of a custom field: text, a number or a date as text, yes or no; null takes it away."""


class ExternalIdIn(Body):
    """What another system calls a ticket."""

    system: Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z0-9][a-z0-9_.-]*$")]
    id: Annotated[str, Field(min_length=1, max_length=200)]


class TicketFields(Body):
    """What may be entered about a ticket.

    `requester_address` is the e-mail address of whoever is not known as a person yet: who it is, is
    looked up, and the person filled in. `problem_id` is the problem that an incident hangs on.
    """

    subject: Subject
    person_id: UUID | None = None
    company_id: UUID | None = None
    requester_address: Address = ""
    type: TicketType = TicketType.QUESTION
    priority: Priority = Priority.NORMAL
    product_sku: Sku = ""
    asset_id: UUID | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)] = ()
    custom_fields: Annotated[
        dict[Key, ValueIn], Field(default_factory=dict, max_length=MOST_VALUES)
    ]
    language: Language | Annotated[str, Field(max_length=0)] = ""
    problem_id: UUID | None = None


class FirstMessageIn(Body):
    """What the customer has said to begin with."""

    text: Annotated[str, Field(min_length=1, max_length=100_000)]


class KnownTicketIn(TicketFields):
    """A ticket that another system knows."""

    channel: Channel = Channel.API
    queue_id: UUID | None = None
    assignee_id: UUID | None = None
    message: FirstMessageIn | None = None


class TicketIn(KnownTicketIn):
    """A new ticket; without queue and assignee, the user who opens it looks after it."""

    external_ids: Annotated[tuple[ExternalIdIn, ...], Field(max_length=MOST_EXTERNAL_IDS)] = ()


class TicketPatch(Patch, TicketFields):
    """What may change about a ticket; custom fields one by one, tags as a whole."""

    subject: Subject = ""


class TicketsBatchIn(BatchIn):
    """Many new tickets."""

    items: Annotated[tuple[Any, ...], items_of(TicketIn)]


class AssignmentIn(Body):
    """Where a ticket goes: what is left out stays, null takes it out of there.

    What goes into another queue leaves the hands that it was in, unless somebody is named.
    """

    queue_id: UUID | None = None
    assignee_id: UUID | None = None


class StatusIn(Body):
    """How a ticket stands from now on."""

    status: Status


class ResolutionIn(Body):
    """What solved it, if an article did."""

    article_id: UUID | None = None


class ExternalIdOut(BaseModel):
    """What another system calls a ticket."""

    system: str
    id: str


class TicketOut(BaseModel):
    """A ticket. `number` is what people call it by.

    `team_id` is the team of the queue when it went in. `waiting_since` is when the customer began to
    wait for an answer; null while nobody waits.
    """

    id: UUID
    version: int
    number: str
    subject: str
    person_id: UUID | None
    company_id: UUID | None
    requester_address: str
    type: TicketType
    priority: Priority
    status: Status
    queue_id: UUID | None
    team_id: UUID | None
    assignee_id: UUID | None
    product_sku: str
    asset_id: UUID | None
    tags: list[str]
    custom_fields: dict[str, str | bool | None]
    language: str
    channel: Channel
    external_ids: list[ExternalIdOut]
    problem_id: UUID | None
    merged_into_id: UUID | None
    opened_at: datetime
    updated_at: datetime
    first_responded_at: datetime | None
    last_customer_message_at: datetime | None
    last_reply_at: datetime | None
    waiting_since: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    solved_by_article_id: UUID | None


class ChangeOut(BaseModel):
    """An entry of a ticket's history: what happened, why, by whom, and what differs.

    `changes` has a pair for each field: what it was, and what it is.
    """

    id: UUID
    ticket_version: int
    what: str
    cause: str
    changes: dict[str, list[Any]]
    actor: str
    at: datetime


def details_in(body: KnownTicketIn, key: ExternalId | None = None) -> TicketDetails:
    """The details that a body gives; `key` is what else another system calls it."""
    given = {name: getattr(body, name) for name in CHANGEABLE}
    known = body.external_ids if isinstance(body, TicketIn) else ()
    ids = tuple(ExternalId(one.system, one.id) for one in known)
    ids = ids if key is None else (*ids, key)
    return TicketDetails(**given, channel=body.channel, external_ids=ids)


def changes_of(body: TicketFields) -> dict[str, Any]:
    """What a body mentions, as fields of the details."""
    return {name: getattr(body, name) for name in CHANGEABLE if name in body.model_fields_set}


def shown(one: Ticket) -> dict[str, Any]:
    """A ticket as the API shows one, without reading it back."""
    own = {name: getattr(one, name) for name in TicketOut.model_fields if name != "external_ids"}
    return {
        **own,
        "number": one.shown_number,
        "tags": list(one.tags),
        "custom_fields": dict(one.custom_fields),
        "external_ids": [{"system": x.system, "id": x.id} for x in one.external_ids],
    }
