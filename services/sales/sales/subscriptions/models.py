"""Subscriptions as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import DecimalIn, MoneyOut, decimal_out, money_out
from sales.names import Key
from sales.price_books.models import Currency, Quantity
from sales.recurring_revenue.domain import MOST_LINES, MovementKind, SubscriptionLine
from sales.subscription_changes.domain import SubscriptionDetails, SubscriptionStatus
from sales.subscription_terms.domain import LONGEST_NOTICE, LONGEST_TERM, SubscriptionTerms
from sales.subscriptions.domain import Subscription
from sales.subscriptions.operations import NewSubscription

Name = Annotated[str, Field(min_length=1, max_length=200)]
Months = Annotated[int, Field(ge=1, le=LONGEST_TERM)]
Days = Annotated[int, Field(ge=0, le=LONGEST_NOTICE)]
Note = Annotated[str, Field(max_length=2_000)]


class SubscriptionLineIn(Body):
    """What is subscribed to; `unit_price` is for one piece and one billing period, without tax."""

    name: Name
    product_id: UUID | None = None
    unit_price: DecimalIn
    quantity: Quantity = "1"


Lines = Annotated[tuple[SubscriptionLineIn, ...], Field(min_length=1, max_length=MOST_LINES)]


class SubscriptionIn(Body):
    """A new subscription, of a person, a company, or a person at a company; of today on by default.

    With `order_id`, the order's customer and owner unless others are named.
    """

    name: Name
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    order_id: UUID | None = None
    opportunity_id: UUID | None = None
    currency: Currency
    term_months: Months
    billing_months: Months = 1
    notice_days: Days = 0
    auto_renew: bool = True
    starts_on: date | None = None
    lines: Lines


class SubscriptionPatch(Patch):
    """What may change about a subscription besides its lines; another term moves its end."""

    name: Name = ""
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    term_months: Months = 0
    notice_days: Days = 0
    auto_renew: bool = False


class OrderedIn(Body):
    """Which order it is about, and from when on; today by default."""

    order_id: UUID
    starts_on: date | None = None


class LinesIn(Body):
    """What is subscribed to from a day on, today by default; all of it, not only what differs."""

    lines: Lines
    effective_on: date | None = None


class PauseIn(Body):
    """When it goes on by itself; somebody has to say so otherwise."""

    resumes_on: date | None = None


class CancelIn(Body):
    """Why, by the key of a reason of the kind `churn`."""

    reason: Key
    note: Note = ""


class TerminateIn(CancelIn):
    """Why, and the last day; today by default."""

    ends_on: date | None = None


class SubscriptionLineOut(BaseModel):
    """A line; `amount` is what it comes to in a billing period."""

    name: str
    product_id: UUID | None
    unit_price: str
    quantity: str
    amount: str


class PlannedChangeOut(BaseModel):
    """What is subscribed to from a later day on."""

    effective_on: date
    lines: list[SubscriptionLineOut]


class CancellationOut(BaseModel):
    """Why it ends; `notice_waived` is whether it does so earlier than was agreed on."""

    reason: str
    note: str
    cancelled_on: date
    notice_waived: bool


class ListedSubscriptionOut(BaseModel):
    """A subscription, without what is subscribed to. `mrr` is what it brings while it runs."""

    id: UUID
    version: int
    status: SubscriptionStatus
    name: str
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    order_id: UUID | None
    opportunity_id: UUID | None
    mrr: MoneyOut
    auto_renew: bool
    started_on: date
    term_starts_on: date
    ends_on: date
    cancel_reason: str | None
    renewal_opportunity_id: UUID | None
    created_at: datetime
    updated_at: datetime


class SubscriptionOut(ListedSubscriptionOut):
    """A subscription. `cancel_by` is the last day to cancel, if the term renews by itself."""

    currency: str
    term_months: int
    billing_months: int
    notice_days: int
    cancel_by: date
    lines: list[SubscriptionLineOut]
    period_amount: MoneyOut
    arr: MoneyOut
    planned_change: PlannedChangeOut | None
    cancellation: CancellationOut | None
    paused_on: date | None
    resumes_on: date | None
    renewals: int
    ended_on: date | None


class SubscriptionsOut(BaseModel):
    items: list[SubscriptionOut]


class MovementOut(BaseModel):
    """How MRR moved. `proration` is what the change comes to in the billing period it falls into."""

    number: int
    kind: MovementKind
    moved_on: date
    amount: MoneyOut
    base_amount: MoneyOut | None
    reason: str
    proration: MoneyOut | None


class MovementsOut(BaseModel):
    items: list[MovementOut]


_DETAILS = ("name", "person_id", "company_id", "owner_id", "order_id", "opportunity_id")
_TERMS = ("term_months", "billing_months", "notice_days", "auto_renew")


def wanted_in(body: SubscriptionIn) -> NewSubscription:
    """The subscription that a body asks for. Raises `Invalid` for lines that cannot be."""
    return NewSubscription(
        details=SubscriptionDetails(**{name: getattr(body, name) for name in _DETAILS}),
        terms=SubscriptionTerms(**{name: getattr(body, name) for name in _TERMS}),
        currency=body.currency,
        lines=lines_in(body.lines),
        starts_on=body.starts_on,
    )


def lines_in(lines: Sequence[SubscriptionLineIn]) -> tuple[SubscriptionLine, ...]:
    """What a body subscribes to."""
    return tuple(
        SubscriptionLine(
            name=one.name,
            unit_price=Decimal(one.unit_price),
            quantity=Decimal(one.quantity),
            product_id=one.product_id,
        )
        for one in lines
    )


def shown(one: Subscription) -> dict[str, Any]:
    """A subscription as the API shows one, without reading it back."""
    planned, gone, currency = one.planned_change, one.cancellation, one.currency
    own = ("id", "version", "status", "started_on", "ends_on", "cancel_by", "paused_on")
    more = ("resumes_on", "renewals", "ended_on", "renewal_opportunity_id", "created_at")
    return {
        **{name: getattr(one, name) for name in (*own, *more, "updated_at", "currency")},
        **{name: getattr(one.details, name) for name in _DETAILS},
        **{name: getattr(one.terms, name) for name in _TERMS},
        "term_starts_on": one.term.starts_on,
        **{name: money_out(getattr(one, name)) for name in ("mrr", "arr", "period_amount")},
        "lines": [_line(line, currency) for line in one.lines],
        "planned_change": None
        if planned is None
        else {
            "effective_on": planned.effective_on,
            "lines": [_line(line, currency) for line in planned.lines],
        },
        "cancel_reason": None if gone is None else gone.reason,
        "cancellation": None
        if gone is None
        else {
            "reason": gone.reason,
            "note": gone.note,
            "cancelled_on": gone.on,
            "notice_waived": gone.notice_waived,
        },
    }


def _line(line: SubscriptionLine, currency: str) -> dict[str, Any]:
    return {
        "name": line.name,
        "product_id": line.product_id,
        "unit_price": decimal_out(line.unit_price),
        "quantity": decimal_out(line.quantity),
        "amount": f"{line.amount(currency):f}",
    }
