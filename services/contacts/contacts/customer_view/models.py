"""Views of customers as the REST face shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contacts.consents.domain import ConsentState
from contacts.contact_points.domain import Channel
from contacts.customer_view.parts import Part, Reason, View
from contacts.freshness.models import ContactPointOut
from contacts.people.models import PersonOut
from contacts.timeline.api import TimelineEntryOut, ValueOut


class ViewedCompanyOut(BaseModel):
    """Where the person works."""

    id: UUID
    name: str
    domain: str
    industry: str
    owner_id: UUID | None
    archived_at: datetime | None


class ViewedConsentOut(BaseModel):
    """What the person has said about a purpose on a channel."""

    purpose: str
    channel: Channel
    state: ConsentState


class OpenDealOut(BaseModel):
    """An opportunity that is still to be decided."""

    opportunity_id: UUID
    name: str
    stage: str
    amount: ValueOut | None
    probability: int
    expected_close_on: date | None
    owner_id: UUID | None
    person_id: UUID | None


class WonValueOut(BaseModel):
    """What was won in one currency, of all time and in the last twelve months."""

    total: ValueOut
    last_year: ValueOut
    count: int


class OpenQuoteOut(BaseModel):
    """A quote that waits to be sent, approved or answered."""

    quote_id: UUID
    number: str
    status: str
    total: ValueOut
    valid_until: date | None


class RecentOrderOut(BaseModel):
    """An order that was placed lately."""

    order_id: UUID
    number: str
    status: str
    total: ValueOut
    placed_at: datetime


class RunningSubscriptionOut(BaseModel):
    """A subscription that is not over, and what it brings a month."""

    subscription_id: UUID
    name: str
    status: str
    monthly: ValueOut
    ends_on: date | None


class ViewedSalesOut(BaseModel):
    """How the customer stands with sales: the person, and the company where it may be seen."""

    open_deals: list[OpenDealOut]
    open_deal_count: int
    won: list[WonValueOut]
    open_quotes: list[OpenQuoteOut]
    open_quote_count: int
    recent_orders: list[RecentOrderOut]
    order_count: int
    subscriptions: list[RunningSubscriptionOut]
    subscription_count: int


class OpenTicketOut(BaseModel):
    """A ticket that somebody works on; `due_at` is when the next target has to be met."""

    ticket_id: UUID
    number: str
    subject: str
    type: str
    priority: str
    status: str
    assignee_id: UUID | None
    opened_at: datetime
    due_at: datetime | None


class SatisfactionOut(BaseModel):
    """What the person last said of how satisfied they are, on the scale of `kind`: `csat` or `nps`."""

    kind: str
    score: int
    answered_at: datetime
    ticket_id: UUID | None


class ViewedTicketsOut(BaseModel):
    """What the desk has to do with the person; `recent_count` is of the last 90 days."""

    open_tickets: list[OpenTicketOut]
    open_count: int
    total_count: int
    recent_count: int
    last_opened_at: datetime | None
    last_satisfaction: SatisfactionOut | None


class ViewedTierOut(BaseModel):
    """The tier that a member is in; `rank` is its place from the bottom."""

    key: str
    name: str
    rank: int


class MembershipOut(BaseModel):
    """What the person is a member of; `value` is what they spent in twelve months."""

    member_id: UUID
    program_id: UUID
    program_key: str
    program_name: str
    number: str
    status: str
    enrolled_at: datetime
    tier: ViewedTierOut | None
    available_points: int
    pending_points: int
    value: ValueOut


class RecentMessageOut(BaseModel):
    """A message to the person; the subject as long as its words are kept."""

    message_id: UUID
    channel: str
    template: str
    subject: str
    purpose: str
    state: str
    reason: str
    sent_at: datetime | None
    created_at: datetime


class MissingOut(BaseModel):
    """A part that could not be had, and why."""

    part: Part
    reason: Reason


class CustomerViewOut(BaseModel):
    """A customer from all sides; a part that is null is named in `missing`."""

    person: PersonOut
    contact_points: list[ContactPointOut]
    company: ViewedCompanyOut | None
    consents: list[ViewedConsentOut] | None
    sales: ViewedSalesOut | None
    tickets: ViewedTicketsOut | None
    memberships: list[MembershipOut] | None
    messages: list[RecentMessageOut] | None
    timeline: list[TimelineEntryOut] | None
    missing: list[MissingOut]


_OF_COMPANY = tuple(ViewedCompanyOut.model_fields)
_NAMES = {
    Part.SALES: "sales",
    Part.TICKETS: "tickets",
    Part.LOYALTY: "memberships",
    Part.MESSAGES: "messages",
}


def shown(view: View) -> dict[str, Any]:
    """A view as the API shows it."""
    company = view.who.company
    told = {part: told.shown for part, told in view.told.items()}
    return {
        "person": view.who.person,
        "contact_points": view.own.contact_points,
        "company": None if company is None else {name: company[name] for name in _OF_COMPANY},
        "consents": view.own.consents,
        **{name: told.get(part) for part, name in _NAMES.items()},
        "timeline": view.own.timeline,
        "missing": [{"part": one.part, "reason": one.reason} for one in view.missing],
    }
