"""What products cost: price books for a time and for groups of customers, with volume tiers (SA-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from chassis.money import LARGEST, minor_unit

MOST_TIERS = 50


@dataclass(frozen=True, slots=True)
class PriceBookTerms:
    """For whom a price book is and when.

    `valid_until` is its last day. Without `customer_groups` it is for everybody. Where several
    apply, the highest `priority` goes first. `taxes` are percentages by products' tax classes.
    """

    name: Mapping[str, str]
    currency: str
    valid_from: date
    valid_until: date | None = None
    prices_include_tax: bool = True
    customer_groups: tuple[str, ...] = ()
    priority: int = 0
    taxes: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class PriceBookDefined(Fact):
    """A price book is new or different."""

    price_book_id: UUID
    terms: PriceBookTerms


@dataclass(frozen=True, slots=True)
class PriceBookArchived(Fact):
    """Nothing is sold by a price book any more."""

    price_book_id: UUID


@dataclass(frozen=True, slots=True)
class PriceBookRestored(Fact):
    """An archived price book is back in use."""

    price_book_id: UUID


@dataclass(kw_only=True)
class PriceBook(Aggregate):
    """Prices that hold together: one currency, one time, one set of customers."""

    terms: PriceBookTerms
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        _require_sound(self.terms)
        self.record(PriceBookDefined(self.id, self.terms))

    def redefine(self, terms: PriceBookTerms, now: datetime) -> None:
        """Have it hold differently from now on; its currency is for good.

        Nothing happens when nothing differs. Raises `Invalid`, `Conflict` for an archived one.
        """
        self.require_active()
        _require_sound(terms)
        if terms != self.terms:
            self.terms, self.updated_at = terms, now
            self.record(PriceBookDefined(self.id, terms))

    def archive(self, now: datetime) -> None:
        """Sell nothing by it any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(PriceBookArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take it back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(PriceBookRestored(self.id))

    def require_active(self) -> None:
        """Raises `Conflict` for an archived one."""
        if self.archived_at is not None:
            raise Conflict(
                "The price book is archived; restore it first.", code="price_book_archived"
            )


@dataclass(frozen=True, slots=True)
class Tier:
    """A unit price from a quantity on, until the next tier."""

    from_quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One step towards a line's total: what was done, why, and what it came to."""

    step: str
    value: Decimal
    because: str


@dataclass(frozen=True, slots=True)
class PriceChanged(Fact):
    """A product has a price, or another one, in a price book."""

    price: Price


@dataclass(frozen=True, slots=True)
class PriceRemoved(Fact):
    """A price book has no price for a product any more."""

    price: Price


@dataclass(kw_only=True)
class Price(Aggregate):
    """What a product costs by a price book, by the quantity that is taken."""

    price_book_id: UUID
    product_id: UUID
    tiers: tuple[Tier, ...]
    created_at: datetime
    updated_at: datetime

    def begin(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        _require_rising(self.tiers)
        self.record(PriceChanged(self))

    def change(self, tiers: tuple[Tier, ...], now: datetime) -> None:
        """Ask another price from now on; nothing happens when it is the same. Raises `Invalid`."""
        _require_rising(tiers)
        if tiers != self.tiers:
            self.tiers, self.updated_at = tiers, now
            self.record(PriceChanged(self))

    def take_back(self) -> None:
        """Have no price."""
        self.record(PriceRemoved(self))


def tier_for(tiers: tuple[Tier, ...], quantity: Decimal) -> Tier | None:
    """The tier that a quantity reaches; None below the first."""
    reached = [tier for tier in tiers if tier.from_quantity <= quantity]
    return reached[-1] if reached else None


def _require_sound(terms: PriceBookTerms) -> None:
    minor_unit(terms.currency)
    wrong: list[Violation] = []
    if terms.valid_until is not None and terms.valid_until < terms.valid_from:
        message = "The last day is before the first."
        wrong.append(Violation("/valid_until", "period_reversed", message))
    if len(set(terms.customer_groups)) < len(terms.customer_groups):
        wrong.append(Violation("/customer_groups", "group_repeated", "A group is named twice."))
    if wrong:
        raise Invalid("Such a price book cannot be.", violations=tuple(wrong))


def _require_rising(tiers: tuple[Tier, ...]) -> None:
    wrong: list[Violation] = []
    if not tiers:
        wrong.append(Violation("/tiers", "tiers_missing", "A price needs a tier."))
    for place, tier in enumerate(tiers):
        at = f"/tiers/{place}"
        before = tiers[place - 1].from_quantity if place else Decimal(0)
        if tier.from_quantity <= before:
            message = f"It has to be more than {before:f}."
            wrong.append(Violation(f"{at}/from_quantity", "tiers_not_rising", message))
        if tier.unit_price >= LARGEST:
            message = f"Amounts stay below {LARGEST:f}."
            wrong.append(Violation(f"{at}/unit_price", "amount_too_large", message))
    if wrong:
        raise Invalid("Such a price cannot be.", violations=tuple(wrong))
