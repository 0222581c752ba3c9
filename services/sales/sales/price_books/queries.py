"""Reads price books and prices, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.money import minor_unit
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    date_filter,
    text_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from sales.price_books.configurations import groups_of_buyer
from sales.price_books.storage import books_for, price_books, prices

_books = price_books.c
_shown_book = sa.select(*(column for column in _books if column.name != "tenant_id"))
_prices = prices.c
_shown_price = sa.select(*(column for column in _prices if column.name != "tenant_id"))

PRICE_BOOKS = ListSpec(
    key=_books.id,
    sorts={"valid_from": _books.valid_from, "created_at": _books.created_at},
    default_sort="-valid_from",
    filters={
        "currency": text_filter(_books.currency),
        "valid_from": date_filter(_books.valid_from),
        "archived": archived_filter(_books.archived_at),
    },
)
PRICES = ListSpec(
    key=_prices.id,
    sorts={"created_at": _prices.created_at},
    default_sort="created_at",
    filters={"product_id": uuid_filter(_prices.product_id)},
)


def get_price_book(reading: Reading, price_book_id: UUID) -> dict[str, Any]:
    """The price book as the API shows one. Raises `NotFound`."""
    statement = _shown_book.where(
        _books.tenant_id == reading.caller.tenant_id, _books.id == price_book_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("price book", price_book_id)
    return dict(row._mapping)


def list_price_books(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of price books; archived ones only when they are asked for."""
    base = _shown_book.where(_books.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_books.archived_at.is_(None))
    return listing.fetch(reading.connection, base)


def applying(
    reading: Reading,
    currency: str,
    on: date | None,
    person_id: UUID | None,
    company_id: UUID | None,
) -> dict[str, Any]:
    """The books that hold for a customer on a day, in the order in which they are tried."""
    minor_unit(currency)
    on = on or reading.clock.now().date()
    groups = groups_of_buyer(reading, person_id, company_id)
    books = books_for(reading, currency, on, groups)
    return {
        "currency": currency,
        "on": on,
        "customer_groups": list(groups),
        "price_books": [get_price_book(reading, book_id) for book_id, _ in books],
    }


def list_prices(reading: Reading, price_book_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of a book's prices. Raises `NotFound` without the book."""
    get_price_book(reading, price_book_id)
    base = _shown_price.where(
        _prices.tenant_id == reading.caller.tenant_id, _prices.price_book_id == price_book_id
    )
    return listing.fetch(reading.connection, base)


def get_price(reading: Reading, price_book_id: UUID, product_id: UUID) -> Mapping[str, Any]:
    """What a product costs by a book. Raises `NotFound`."""
    statement = _shown_price.where(
        _prices.tenant_id == reading.caller.tenant_id,
        _prices.price_book_id == price_book_id,
        _prices.product_id == product_id,
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("price of product", product_id)
    return dict(row._mapping)
