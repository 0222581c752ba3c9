"""Quotes as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid, Violation
from chassis.http.body import Body, Patch
from chassis.http.money import DecimalIn, MoneyOut, PercentIn, pointed
from chassis.money import money
from sales.bundles.domain import MOST_OPTIONS
from sales.names import Line, SalesChannel, Short, Text
from sales.price_books.configurations_api import ChoiceIn, PriceStepOut
from sales.price_books.models import Currency, Quantity
from sales.quote_offers.domain import MOST_ITEMS, Addressee, QuoteItem, QuoteTerms
from sales.quotes.domain import QuoteStatus


class QuoteItemIn(Body):
    """A product with what was chosen along; the discount is off each of its lines."""

    product_id: UUID
    quantity: Quantity = "1"
    choices: Annotated[tuple[ChoiceIn, ...], Field(max_length=MOST_OPTIONS)] = ()
    discount_percent: PercentIn = "0"


Items = Annotated[tuple[QuoteItemIn, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class AddresseeIn(Body):
    """Whom a quote is made out to, as its first lines say."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    address: Line = ""
    tax_id: Short = ""


Written = Literal["en", "zh-Hant"]


class QuoteIn(Body):
    """A new quote, of a person, a company, or a person at a company; `valid_until` is its last day.

    `discount` is an amount off the whole. The opportunity's person and company unless others are
    named, and its channel and branch as they are when the quote is accepted. Without `addressee` and
    `language`, what contacts knows of the customer is taken when the quote is sent.
    """

    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    opportunity_id: UUID | None = None
    channel: SalesChannel = ""
    branch: Short = ""
    currency: Currency
    valid_until: date
    discount: DecimalIn = "0"
    conditions: Text = ""
    language: Written | None = None
    addressee: AddresseeIn | None = None
    items: Items


class QuotePatch(Patch):
    """What may change about a quote; it is priced anew, and what was approved is void."""

    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    opportunity_id: UUID | None = None
    channel: SalesChannel = ""
    branch: Short = ""
    currency: Currency = ""
    valid_until: date = date.min
    discount: DecimalIn = ""
    conditions: Text = ""
    language: Written | None = None
    addressee: AddresseeIn | None = None
    items: Items = ()


class AnswerIn(Body):
    """Why not, in words."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


class QuoteLineOut(BaseModel):
    """A line of an item, by its place; `net` and `tax` are `total`, and all discounts are off."""

    item: int
    option: str | None
    product_id: UUID
    sku: str
    name: dict[str, str]
    category: str
    quantity: str
    unit_price: str
    discount_percent: str
    tax_percent: str
    list_amount: str
    discount: str
    net: str
    tax: str
    total: str


class ApprovalOut(BaseModel):
    """A step of approval: by whom it can be taken, and by whom it was.

    With `manager` the user is who led whoever submitted the quote when they did.
    """

    rule_id: UUID
    name: dict[str, str]
    role_id: UUID | None
    user_id: UUID | None
    deputy_id: UUID | None
    manager: bool
    approved_by: UUID | None
    approved_at: datetime | None


class AddresseeOut(BaseModel):
    """Whom a quote is made out to."""

    name: str
    address: str
    tax_id: str


class ListedQuoteOut(BaseModel):
    """A quote, without what it offers.

    `base_total` is what it was worth in the tenant's base currency on the day on which it was priced;
    null when there was no such currency, or no rate.
    """

    id: UUID
    version: int
    number: str
    revision: int
    status: QuoteStatus
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    opportunity_id: UUID | None
    total: MoneyOut
    base_total: MoneyOut | None
    valid_until: date
    order_id: UUID | None
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None


class QuoteOut(ListedQuoteOut):
    """A quote. `answer` is why an approver or the customer said no.

    `channel` and `branch` are its own; where they are empty, its order has those of the opportunity.
    `accepted_by` is the name that whoever accepted it by its link has given.
    """

    currency: str
    prices_include_tax: bool
    price_book_id: UUID
    priced_on: date
    channel: str
    branch: str
    conditions: str
    language: str
    addressee: AddresseeOut | None
    items: list[QuoteItemIn]
    lines: list[QuoteLineOut]
    list_amount: MoneyOut
    discount: MoneyOut
    net: MoneyOut
    tax: MoneyOut
    approvals: list[ApprovalOut]
    answer: str
    accepted_by: str


class ExplainedLineOut(BaseModel):
    """How a line came to its total."""

    item: int
    option: str | None
    sku: str
    total: str
    steps: list[PriceStepOut]


class ExplanationOut(BaseModel):
    """Where every price of a quote comes from."""

    price_book_id: UUID
    priced_on: date
    total: MoneyOut
    lines: list[ExplainedLineOut]


class QuoteVersionOut(BaseModel):
    """What went to the customer, as it was."""

    revision: int
    total: MoneyOut
    valid_until: date
    conditions: str
    lines: list[QuoteLineOut]
    sent_at: datetime


class QuoteVersionsOut(BaseModel):
    items: list[QuoteVersionOut]


def terms_in(body: QuoteIn) -> QuoteTerms:
    """The terms that a body gives. Raises `Invalid` for amounts or quantities that cannot be."""
    plain = ("person_id", "company_id", "owner_id", "opportunity_id", "currency", "valid_until")
    return QuoteTerms(
        **{name: getattr(body, name) for name in plain},
        channel=body.channel,
        branch=body.branch,
        conditions=body.conditions,
        language=body.language or "",
        addressee=_addressee(body.addressee),
        discount=_discount(body.discount, body.currency),
        items=_items_in(body.items),
    )


def changed(terms: QuoteTerms, body: QuotePatch) -> QuoteTerms:
    """The terms with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "items" in changes:
        changes["items"] = _items_in(body.items)
    if "addressee" in changes:
        changes["addressee"] = _addressee(body.addressee)
    if "language" in changes:
        changes["language"] = body.language or ""
    given = changes.get("discount", f"{terms.discount:f}")
    changes["discount"] = _discount(given, changes.get("currency", terms.currency))
    return replace(terms, **changes)


def _addressee(body: AddresseeIn | None) -> Addressee | None:
    return None if body is None else Addressee(**body.model_dump())


def _discount(given: str, currency: str) -> Decimal:
    return pointed("/discount", lambda: money(given, currency)).amount


def _items_in(items: Sequence[QuoteItemIn]) -> tuple[QuoteItem, ...]:
    wrong = tuple(
        Violation(f"/items/{place}/quantity", "quantity_missing", "It has to be more than 0.")
        for place, one in enumerate(items)
        if not Decimal(one.quantity)
    )
    if wrong:
        raise Invalid("Such a quote cannot be.", violations=wrong)
    return tuple(
        QuoteItem(
            product_id=one.product_id,
            quantity=Decimal(one.quantity),
            choices=tuple((choice.option, choice.quantity) for choice in one.choices),
            discount_percent=Decimal(one.discount_percent),
        )
        for one in items
    )
