"""How price books and their prices are kept: a row for each book, and one for each price."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.price_books.domain import Price, PriceBook, PriceBookTerms, Tier

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
_metadata = sa.MetaData()

price_books = sa.Table(
    "price_books",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("prices_include_tax", sa.Boolean, nullable=False),
    sa.Column("customer_groups", ARRAY(_word), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("taxes", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
prices = sa.Table(
    "prices",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("price_book_id", _uuid, nullable=False),
    sa.Column("product_id", _uuid, nullable=False),
    sa.Column("tiers", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_PLAIN = ("name", "currency", "valid_from", "valid_until", "prices_include_tax", "priority")
_TIMES = ("created_at", "updated_at", "archived_at")


class PriceBooksRepository(Repository[PriceBook]):
    """Price books for a change."""

    table = price_books
    kind = "price book"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"books": 0}
        return int(row["books"])

    def _aggregate(self, row: sa.RowMapping) -> PriceBook:
        return PriceBook(
            id=row["id"],
            version=row["version"],
            terms=terms_of(row),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: PriceBook) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            **{name: getattr(terms, name) for name in _PLAIN},
            "customer_groups": list(terms.customer_groups),
            "taxes": taxes_document(terms.taxes or {}),
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


class PricesRepository(Repository[Price]):
    """Prices for a change."""

    table = prices
    kind = "price"

    def of_product(self, price_book_id: UUID, product_id: UUID) -> Price | None:
        """The price of a product in a book, locked; None when there is none."""
        about = {"tenant_id": self._tx.tenant_id, "price_book_id": price_book_id}
        row = self._tx.fetch_one(_PRICE_ID, {**about, "product_id": product_id})
        return None if row is None else self.get(row["id"])

    def _aggregate(self, row: sa.RowMapping) -> Price:
        return Price(
            id=row["id"],
            version=row["version"],
            price_book_id=row["price_book_id"],
            product_id=row["product_id"],
            tiers=tiers_of(row["tiers"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Price) -> dict[str, Any]:
        return {
            "price_book_id": aggregate.price_book_id,
            "product_id": aggregate.product_id,
            "tiers": tiers_document(aggregate.tiers),
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def books_for(
    reading: Reading | UnitOfWork, currency: str, on: date, groups: Collection[str]
) -> Sequence[tuple[UUID, PriceBookTerms]]:
    """The books that hold on a day for a customer of these groups, the one that goes first first.

    The highest priority goes first; of the same priority those that are for one of the customer's
    groups come before those for everybody, later ones before earlier ones.
    """
    about = {"tenant_id": reading.caller.tenant_id, "currency": currency, "on": on}
    rows = reading.fetch_all(_BOOKS, {**about, "groups": list(groups)})
    return [(row["id"], terms_of(row)) for row in rows]


def prices_in(
    reading: Reading | UnitOfWork, book_ids: Collection[UUID], product_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], tuple[Tier, ...]]:
    """The tiers of products in books, by book and product."""
    about = {"tenant_id": reading.caller.tenant_id, "books": list(book_ids)}
    rows = reading.fetch_all(_PRICES, {**about, "products": list(product_ids)})
    return {(row["price_book_id"], row["product_id"]): tiers_of(row["tiers"]) for row in rows}


def terms_of(row: Mapping[Any, Any]) -> PriceBookTerms:
    """A book's terms out of its row."""
    return PriceBookTerms(
        **{name: row[name] for name in _PLAIN},
        customer_groups=tuple(row["customer_groups"]),
        taxes={key: Decimal(percent) for key, percent in row["taxes"].items()},
    )


def taxes_document(taxes: Mapping[str, Decimal]) -> dict[str, str]:
    """Tax percentages as JSON has them."""
    return {key: f"{percent:f}" for key, percent in taxes.items()}


def tiers_document(tiers: Sequence[Tier]) -> list[dict[str, str]]:
    """Tiers as JSON has them: decimal strings, as they were given."""
    return [
        {"from_quantity": f"{one.from_quantity:f}", "unit_price": f"{one.unit_price:f}"}
        for one in tiers
    ]


def tiers_of(document: Sequence[Mapping[str, str]]) -> tuple[Tier, ...]:
    """The tiers that a document gives."""
    return tuple(
        Tier(Decimal(one["from_quantity"]), Decimal(one["unit_price"])) for one in document
    )


_PRICE_ID = Statement(
    "SELECT id FROM prices WHERE tenant_id = %(tenant_id)s"
    " AND price_book_id = %(price_book_id)s AND product_id = %(product_id)s"
)
_BOOKS = Statement(
    "SELECT id, name, currency, valid_from, valid_until, prices_include_tax, customer_groups,"
    " priority, taxes FROM price_books WHERE tenant_id = %(tenant_id)s"
    " AND currency = %(currency)s AND archived_at IS NULL AND valid_from <= %(on)s"
    " AND (valid_until IS NULL OR valid_until >= %(on)s)"
    " AND (cardinality(customer_groups) = 0 OR customer_groups && %(groups)s::text[])"
    " ORDER BY priority DESC, cardinality(customer_groups) = 0, valid_from DESC, id"
)
_PRICES = Statement(
    "SELECT price_book_id, product_id, tiers FROM prices WHERE tenant_id = %(tenant_id)s"
    " AND price_book_id = ANY(%(books)s) AND product_id = ANY(%(products)s)"
)
_COUNT = Statement("SELECT count(*) AS books FROM price_books WHERE tenant_id = %(tenant_id)s")
