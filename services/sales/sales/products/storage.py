"""How products are kept: one row each, their options and rules as a document in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.bundles.documents import bundle_of, document_of
from sales.products.domain import Product, ProductDetails
from sales.subscription_terms.documents import terms_document, terms_of

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

products = sa.Table(
    "products",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("sku", _word, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("category", _word, nullable=False),
    sa.Column("tax_class", _word, nullable=False),
    sa.Column("unit", _word, nullable=False),
    sa.Column("serial_numbered", sa.Boolean, nullable=False),
    sa.Column("bundle", sa.JSON(none_as_null=True)),
    sa.Column("subscription", sa.JSON(none_as_null=True)),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_PLAIN = ("sku", "name", "category", "tax_class", "unit", "serial_numbered")
_TIMES = ("created_at", "updated_at", "archived_at")


@dataclass(frozen=True, slots=True)
class Sold:
    """A product as it is now, for whoever offers it."""

    id: UUID
    details: ProductDetails
    active: bool


class ProductsRepository(Repository[Product]):
    """Products for a change."""

    table = products
    kind = "product"

    def _aggregate(self, row: sa.RowMapping) -> Product:
        return Product(
            id=row["id"],
            version=row["version"],
            details=_details(row),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: Product) -> dict[str, Any]:
        details = aggregate.details
        return {
            **{name: getattr(details, name) for name in _PLAIN},
            "bundle": document_of(details.bundle),
            "subscription": terms_document(details.subscription),
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def products_by_id(
    reading: Reading | UnitOfWork, product_ids: Collection[UUID]
) -> dict[UUID, Sold]:
    """Those of the products that there are, archived ones included; read without a lock."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": list(product_ids)}
    rows = reading.fetch_all(_BY_ID, about)
    return {row["id"]: Sold(row["id"], _details(row), row["archived_at"] is None) for row in rows}


def _details(row: Mapping[Any, Any]) -> ProductDetails:
    return ProductDetails(
        **{name: row[name] for name in _PLAIN},
        bundle=bundle_of(row["bundle"]),
        subscription=terms_of(row["subscription"]),
    )


_BY_ID = Statement(
    "SELECT id, sku, name, category, tax_class, unit, serial_numbered, bundle,"
    " subscription, archived_at"
    " FROM products WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"
)
