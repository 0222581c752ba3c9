"""Decisions and previews of routing as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import MoneyIn, MoneyOut, worth_in
from desk.agents.models import SkillIn
from desk.names import Key, Language, Sku, Tag
from desk.routing.domain import Heard, NoAgent, Purpose, RoutingDecision
from desk.routing.storage import heard_document, need_document
from desk.ticket_facts.domain import Channel, Priority, Status, TicketType
from desk.tickets.domain import MOST_TAGS
from desk.tickets.models import MOST_VALUES, Subject, ValueIn


class ConsideredOut(BaseModel):
    """A rule that was tried: whether it took the ticket, and why its condition could not be judged."""

    routing_rule_id: UUID
    taken: bool
    problem: str


class SkippedOut(BaseModel):
    """An agent who did not get it, and why, such as `away`, `full`, `lacks_skill` or `had_it`."""

    agent_id: UUID
    because: str


class NeedOut(BaseModel):
    """What the ticket needs of an agent; an empty language is any."""

    skills: list[SkillIn]
    language: str


class HeardOut(BaseModel):
    """What others have said of the customer; `missing` names those that gave no answer in time."""

    tier: str
    value: MoneyOut | None
    owner_id: UUID | None
    missing: list[str]


class PlaceOut(BaseModel):
    """Where a ticket is, with whom, and how soon somebody should look at it."""

    queue_id: UUID | None
    assignee_id: UUID | None
    priority: Priority


class RoutingDecisionOut(BaseModel):
    """One decision with all that it was made from.

    `reason` says why nobody has the ticket after it; null when somebody does, or had it before.
    """

    id: UUID
    ticket_id: UUID
    purpose: Purpose
    routing_rule_id: UUID | None
    before: PlaceOut
    after: PlaceOut
    reason: NoAgent | None
    heard: HeardOut
    need: NeedOut
    considered: list[ConsideredOut]
    skipped: list[SkippedOut]
    decided_at: datetime


class PulledTicket(BaseModel):
    """The ticket that an agent has taken."""

    id: UUID
    version: int
    number: str
    subject: str
    priority: Priority
    status: Status
    opened_at: datetime


class PullOut(BaseModel):
    """What an agent has taken out of a queue; null when nothing waits that they can take."""

    ticket: PulledTicket | None


class CustomerIn(Body):
    """What loyalty and contacts would say of the customer."""

    tier: Key | Annotated[str, Field(max_length=0)] = ""
    value: MoneyIn | None = None
    owner_id: UUID | None = None


class RoutingPreviewIn(Body):
    """A ticket that there is not, as it would come in."""

    subject: Subject = "Preview"
    type: TicketType = TicketType.QUESTION
    priority: Priority = Priority.NORMAL
    channel: Channel = Channel.API
    language: Language | Annotated[str, Field(max_length=0)] = ""
    product_sku: Sku = ""
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)] = ()
    custom_fields: Annotated[
        dict[Key, ValueIn], Field(default_factory=dict, max_length=MOST_VALUES)
    ]
    queue_id: UUID | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None
    customer: CustomerIn = Field(default_factory=CustomerIn)


class RoutingPreviewOut(BaseModel):
    """Where such a ticket would go now, and why."""

    routing_rule_id: UUID | None
    queue_id: UUID | None
    assignee_id: UUID | None
    priority: Priority
    reason: NoAgent | None
    need: NeedOut
    considered: list[ConsideredOut]
    skipped: list[SkippedOut]


def heard_in(body: CustomerIn) -> Heard:
    """What a body says of the customer. Raises `Invalid` for money that cannot be."""
    value = None if body.value is None else worth_in(body.value, "/customer/value")
    return Heard(body.tier, value, body.owner_id)


def shown(decision: RoutingDecision) -> dict[str, Any]:
    """A decision as the API shows one."""
    same = ("id", "ticket_id", "purpose", "routing_rule_id", "reason", "decided_at")
    return {
        **{name: getattr(decision, name) for name in same},
        "before": _members(decision.before),
        "after": _members(decision.after),
        "heard": heard_document(decision.heard),
        "need": need_document(decision.need),
        "considered": [_members(one) for one in decision.considered],
        "skipped": [_members(one) for one in decision.skipped],
    }


def _members(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}
