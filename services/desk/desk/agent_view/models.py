"""What an agent sees beside a ticket, as the REST face shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator

from desk.article_search.models import FoundArticleOut
from desk.assets.models import AssetOut
from desk.clocks.models import TicketClockOut
from desk.entitlements.models import EntitlementOut
from desk.messages.models import MessageOut
from desk.promises.models import PromiseOut
from desk.ticket_facts.domain import Status, TicketType
from desk.tickets.models import TicketOut

Day = Annotated[date | None, BeforeValidator(lambda told: told or None)]


class MoneyOut(BaseModel):
    """An amount of money."""

    amount: str
    currency: str


class ContactPointOut(BaseModel):
    """Where the person can be reached, and how fresh that is."""

    kind: str
    value: str
    status: str
    primary: bool


class ViewedPersonOut(BaseModel):
    """Who has asked."""

    person_id: UUID
    display_name: str
    given_name: str
    family_name: str
    lifecycle_stage: str
    owner_id: UUID | None
    language: str
    time_zone: str
    contact_points: list[ContactPointOut]
    last_seen_at: datetime | None
    archived: bool


class ViewedCompanyOut(BaseModel):
    """Where the person works."""

    company_id: UUID
    name: str
    domain: str
    industry: str
    owner_id: UUID | None


class AllowedPurposeOut(BaseModel):
    """What the person has said about a purpose on a channel."""

    purpose: str
    channel: str
    state: str


class OpenDealOut(BaseModel):
    """An opportunity that is still to be decided."""

    opportunity_id: UUID
    name: str
    stage: str
    amount: MoneyOut | None
    probability: int
    expected_close_on: Day
    owner_id: UUID | None


class WonValueOut(BaseModel):
    """What was won in one currency, of all time and in the last twelve months."""

    total: MoneyOut
    last_year: MoneyOut
    count: int


class OpenQuoteOut(BaseModel):
    """A quote that waits for something."""

    quote_id: UUID
    number: str
    status: str
    total: MoneyOut
    valid_until: Day


class RecentOrderOut(BaseModel):
    """An order that was placed lately."""

    order_id: UUID
    number: str
    status: str
    total: MoneyOut
    placed_at: datetime


class RunningSubscriptionOut(BaseModel):
    """A subscription that is not over, and what it brings a month."""

    subscription_id: UUID
    name: str
    status: str
    monthly: MoneyOut
    ends_on: Day


class ViewedSalesOut(BaseModel):
    """How the customer stands with sales."""

    open_deals: list[OpenDealOut]
    open_deal_count: int
    won: list[WonValueOut]
    open_quotes: list[OpenQuoteOut]
    open_quote_count: int
    recent_orders: list[RecentOrderOut]
    order_count: int
    subscriptions: list[RunningSubscriptionOut]
    subscription_count: int


class SatisfactionGivenOut(BaseModel):
    """What the person last said of how satisfied they are."""

    kind: str
    score: int
    answered_at: datetime
    ticket_id: UUID | None


class ViewedTicketsOut(BaseModel):
    """How much the person has asked, of what the caller may see."""

    open_count: int
    total_count: int
    recent_count: int
    last_opened_at: datetime | None
    last_satisfaction: SatisfactionGivenOut | None


class ViewedTierOut(BaseModel):
    """The tier that a member is in."""

    key: str
    name: str
    rank: int


class MembershipOut(BaseModel):
    """What the person is a member of; `value` is what they spent in twelve months."""

    member_id: UUID
    program_key: str
    program_name: str
    number: str
    status: str
    tier: ViewedTierOut | None
    available_points: int
    pending_points: int
    value: MoneyOut | None


class RecentMessageOut(BaseModel):
    """A message to the person."""

    message_id: UUID
    channel: str
    template: str
    subject: str
    state: str
    sent_at: datetime | None
    created_at: datetime


class HappenedOut(BaseModel):
    """Something that happened with the person in any service."""

    entry_id: UUID
    occurred_at: datetime
    kind: str
    channel: str
    service: str
    record_id: UUID
    value: MoneyOut | None


class MissingOut(BaseModel):
    """A part that could not be had, and why: `unavailable`, `timeout`, `forbidden` or `not_deployed`."""

    part: str
    reason: str


class CustomerOut(BaseModel):
    """The customer from all sides, as `…/people/{id}/view` of contacts has it; what is null is named in `missing`."""

    person: ViewedPersonOut
    company: ViewedCompanyOut | None
    consents: list[AllowedPurposeOut] | None
    sales: ViewedSalesOut | None
    tickets: ViewedTicketsOut | None
    memberships: list[MembershipOut] | None
    messages: list[RecentMessageOut] | None
    timeline: list[HappenedOut] | None
    missing: list[MissingOut]


class PastTicketOut(BaseModel):
    """Another ticket of the same person."""

    id: UUID
    number: str
    subject: str
    type: TicketType
    status: Status
    product_sku: str
    opened_at: datetime
    resolved_at: datetime | None


class AgentViewOut(BaseModel):
    """A ticket with all that an agent wants to know beside it.

    `conversation` is its latest page, in the order in which it was said, of `conversation_count` messages.
    A part that is null is named in `missing`, but for the customer of a ticket that nobody is known for.
    """

    ticket: TicketOut
    conversation: list[MessageOut]
    conversation_count: int
    clocks: list[TicketClockOut]
    promises: list[PromiseOut] | None
    customer: CustomerOut | None
    assets: list[AssetOut] | None
    entitlements: list[EntitlementOut] | None
    past_tickets: list[PastTicketOut]
    suggested_articles: list[FoundArticleOut]
    missing: list[MissingOut]
