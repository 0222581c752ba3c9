"""How service products are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.entitlements.domain import Allowance, AllowanceKind, Period
from desk.service_products.domain import ServiceProduct, ServiceTerms

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
SERVICE_SKU = "service_products_sku_unique"

service_products = sa.Table(
    "service_products",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("sku", _word, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("covers", sa.JSON, nullable=False),
    sa.Column("allowance_kind", _word, nullable=False),
    sa.Column("allowance", sa.Integer, nullable=False),
    sa.Column("period", _word, nullable=False),
    sa.Column("notice_days", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("sku", "created_at", "updated_at", "archived_at")


class ServiceProductsRepository(Repository[ServiceProduct]):
    """Service products for a change."""

    table = service_products
    kind = "service product"

    def _aggregate(self, row: sa.RowMapping) -> ServiceProduct:
        return product_of(row)

    def _row(self, aggregate: ServiceProduct) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "name": terms.name,
            "covers": list(terms.covers),
            "allowance_kind": terms.allowance.kind,
            "allowance": terms.allowance.amount,
            "period": terms.allowance.period,
            "notice_days": terms.notice_days,
        }


def product_of(row: Mapping[str, Any] | sa.RowMapping) -> ServiceProduct:
    """The service product that a row of the table stands for."""
    allowance = Allowance(
        AllowanceKind(row["allowance_kind"]), row["allowance"], Period(row["period"])
    )
    return ServiceProduct(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _OWN},
        terms=ServiceTerms(row["name"], tuple(row["covers"]), allowance, row["notice_days"]),
    )


def products_by_sku(reading: Reading | UnitOfWork, skus: Sequence[str]) -> Sequence[ServiceProduct]:
    """The service products among products, archived ones left out."""
    about = {"tenant_id": reading.caller.tenant_id, "skus": list(skus)}
    rows = reading.fetch_all(_BY_SKU, about) if about["skus"] else []
    return [product_of(row) for row in rows]


_BY_SKU = Statement(
    "SELECT id, version, sku, name, covers, allowance_kind, allowance, period, notice_days,"
    " created_at, updated_at, archived_at FROM service_products"
    " WHERE tenant_id = %(tenant_id)s AND sku = ANY(%(skus)s) AND archived_at IS NULL ORDER BY sku"
)
