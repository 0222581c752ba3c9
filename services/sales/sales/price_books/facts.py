"""Facts about price books and prices to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import product_events_pb2 as events
from sales.price_books.domain import (
    PriceBookArchived,
    PriceBookDefined,
    PriceBookRestored,
    PriceChanged,
    PriceRemoved,
)


def _defined(fact: PriceBookDefined) -> events.PriceBookDefined:
    terms = fact.terms
    until = None if terms.valid_until is None else terms.valid_until.isoformat()
    return events.PriceBookDefined(
        price_book_id=str(fact.price_book_id),
        currency=terms.currency,
        valid_from=terms.valid_from.isoformat(),
        valid_until=until,
    )


def _archived(fact: PriceBookArchived) -> events.PriceBookArchived:
    return events.PriceBookArchived(price_book_id=str(fact.price_book_id))


def _restored(fact: PriceBookRestored) -> events.PriceBookRestored:
    return events.PriceBookRestored(price_book_id=str(fact.price_book_id))


def _changed(fact: PriceChanged) -> events.PriceChanged:
    price = fact.price
    return events.PriceChanged(
        price_book_id=str(price.price_book_id), product_id=str(price.product_id)
    )


def _removed(fact: PriceRemoved) -> events.PriceRemoved:
    price = fact.price
    return events.PriceRemoved(
        price_book_id=str(price.price_book_id), product_id=str(price.product_id)
    )


PRICE_BOOK_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PriceBookDefined: _defined,
    PriceBookArchived: _archived,
    PriceBookRestored: _restored,
    PriceChanged: _changed,
    PriceRemoved: _removed,
}
