"""Checks a choice against its bundle's rules, and prices one that breaks none (SA-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from chassis.domain import Invalid
from chassis.money import EXACT, minor_unit
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.bundles.domain import Broken, broken_rules, require_options
from sales.customer_groups.storage import groups_of
from sales.people.named import known_as
from sales.price_books.pricing import Pricing, Wanted, price
from sales.price_books.storage import books_for, prices_in
from sales.products.storage import Sold, products_by_id


@dataclass(frozen=True, slots=True)
class Choice:
    """So many pieces of an option for each piece of the product."""

    option: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Configuration:
    """A product, how many of it, and what was chosen with it."""

    product_id: UUID
    quantity: Decimal
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, in which currency, on which day (today unless named; days are those of UTC)."""

    currency: str
    on: date | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a configuration; without anything wrong, what it is made of."""

    broken: tuple[Broken, ...]
    wanted: tuple[Wanted, ...]


def check(reading: Reading | UnitOfWork, given: Configuration) -> Checked:
    """Hold a configuration against the rules.

    Raises `Invalid` for a product or an option that there is not: that is no choice at all.
    """
    product = products_by_id(reading, [given.product_id]).get(given.product_id)
    if product is None:
        message = f"There is no product {given.product_id}."
        raise Invalid.at("/product_id", "product_unknown", message)
    bundle = product.details.bundle
    require_options(bundle, [choice.option for choice in given.choices])
    chosen = {choice.option: choice.quantity for choice in given.choices if choice.quantity}
    options = {one.key: one.product_id for one in bundle.options} if bundle else {}
    named = {key: options[key] for key in chosen}
    known = products_by_id(reading, set(named.values()))
    broken = [] if product.active else [_gone(product.details.sku)]
    broken += [
        _gone(key)
        for key, product_id in named.items()
        if not known[product_id].active or known[product_id].details.bundle is not None
    ]
    broken += broken_rules(bundle, chosen) if bundle else []
    if broken:
        return Checked(tuple(broken), ())
    parts = _parts(given.quantity, chosen, {key: known[named[key]] for key in chosen})
    return Checked((), (Wanted(product, given.quantity), *parts))


def price_for(
    reading: Reading | UnitOfWork,
    wanted: Sequence[Wanted],
    buyer: Buyer,
    discount: Decimal = Decimal(0),
) -> Pricing:
    """What it comes to by the book that applies to the buyer on the day.

    Raises `Invalid` for an unknown currency, `Conflict` when no book prices all of it.
    """
    minor_unit(buyer.currency)
    books = books_for(
        reading,
        buyer.currency,
        buyer.on or reading.clock.now().date(),
        groups_of_buyer(reading, buyer.person_id, buyer.company_id),
    )
    product_ids = {one.product.id for one in wanted}
    found = prices_in(reading, [one for one, _ in books], product_ids)
    return price(wanted, books, found, discount)


def groups_of_buyer(
    reading: Reading | UnitOfWork, person_id: UUID | None, company_id: UUID | None
) -> tuple[str, ...]:
    """The groups that a customer belongs to, by whoever answers for the person now."""
    return groups_of(reading, known_as(reading, person_id), company_id)


def _parts(
    quantity: Decimal, chosen: Mapping[str, int], products: Mapping[str, Sold]
) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(products[key], EXACT.multiply(quantity, Decimal(pieces)), key)
        for key, pieces in chosen.items()
    )


def _gone(key: str) -> Broken:
    message = {"en": "This is not sold at present.", "zh-Hant": "此項目目前不販售。"}
    return Broken("not_sold", key, message)
