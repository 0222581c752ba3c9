"""Price books and prices as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import DecimalIn, PercentIn
from chassis.http.query_string import Query
from sales.names import Key, Label
from sales.price_books.domain import MOST_TIERS, Price, PriceBook, PriceBookTerms, Tier
from sales.price_books.storage import taxes_document, tiers_document

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Groups = Annotated[tuple[Key, ...], Field(max_length=50)]
Priority = Annotated[int, Field(ge=-1_000, le=1_000)]
Taxes = Annotated[dict[Key, PercentIn], Field(min_length=1, max_length=20)]
"""Percentages by products' tax classes: `{"standard": "5"}`."""
Quantity = Annotated[str, Field(max_length=20, pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$")]
_CHANGEABLE = (
    "name",
    "valid_from",
    "valid_until",
    "prices_include_tax",
    "customer_groups",
    "priority",
)


class PriceBookIn(Body):
    """A new price book; its currency is for good. `valid_until` is its last day.

    Without `customer_groups` it is for everybody. Of those that apply the highest `priority` goes
    first.
    """

    name: Label
    currency: Currency
    valid_from: date
    valid_until: date | None = None
    prices_include_tax: bool = True
    customer_groups: Groups = ()
    priority: Priority = 0
    taxes: Taxes


class PriceBookPatch(Patch):
    """What may change about a price book. `customer_groups` and `taxes` are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    valid_from: date = date.min
    valid_until: date | None = None
    prices_include_tax: bool = True
    customer_groups: Groups = ()
    priority: Priority = 0
    taxes: Taxes = Field(default_factory=dict)


class PriceBookOut(BaseModel):
    """A price book."""

    id: UUID
    version: int
    name: dict[str, str]
    currency: str
    valid_from: date
    valid_until: date | None
    prices_include_tax: bool
    customer_groups: list[str]
    priority: int
    taxes: dict[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class ApplyingQuery(Query):
    currency: Currency
    on: date | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None


class ApplyingOut(BaseModel):
    """The price books that hold for a customer on a day, in the order in which they are tried."""

    currency: str
    on: date
    customer_groups: list[str]
    price_books: list[PriceBookOut]


class TierIn(Body):
    """A unit price from a quantity on, until the next tier."""

    from_quantity: Quantity = "1"
    unit_price: DecimalIn


class PriceIn(Body):
    """What a product costs; quantities rise from tier to tier, and below the first it is not sold."""

    tiers: Annotated[tuple[TierIn, ...], Field(min_length=1, max_length=MOST_TIERS)]


class PriceOut(BaseModel):
    """What a product costs by a price book."""

    id: UUID
    version: int
    price_book_id: UUID
    product_id: UUID
    tiers: list[TierIn]
    created_at: datetime
    updated_at: datetime


def terms_in(body: PriceBookIn) -> PriceBookTerms:
    """The terms that a body gives."""
    plain = {name: getattr(body, name) for name in (*_CHANGEABLE, "currency")}
    return PriceBookTerms(**plain, taxes=_taxes_in(body.taxes))


def changed(terms: PriceBookTerms, body: PriceBookPatch) -> PriceBookTerms:
    """The terms with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "taxes" in changes:
        changes["taxes"] = _taxes_in(body.taxes)
    return replace(terms, **changes)


def tiers_in(body: PriceIn) -> tuple[Tier, ...]:
    """The tiers that a body gives."""
    return tuple(Tier(Decimal(one.from_quantity), Decimal(one.unit_price)) for one in body.tiers)


def shown(book: PriceBook) -> dict[str, Any]:
    """A price book as the API shows one, without reading it back."""
    terms, times = book.terms, ("created_at", "updated_at", "archived_at")
    return {
        "id": book.id,
        "version": book.version,
        **{name: getattr(terms, name) for name in (*_CHANGEABLE, "currency")},
        "taxes": taxes_document(terms.taxes or {}),
        **{name: getattr(book, name) for name in times},
    }


def price_shown(price: Price) -> dict[str, Any]:
    """A price as the API shows one, without reading it back."""
    plain = {name: getattr(price, name) for name in PriceOut.model_fields}
    return {**plain, "tiers": tiers_document(price.tiers)}


def _taxes_in(given: dict[str, str]) -> dict[str, Decimal]:
    return {key: Decimal(percent) for key, percent in given.items()}
