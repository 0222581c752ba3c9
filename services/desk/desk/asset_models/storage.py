"""How models are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.asset_models.domain import AssetModel, ModelTerms, RegistrationMode

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
MODEL_SKU = "asset_models_sku_unique"

asset_models = sa.Table(
    "asset_models",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("warranty_months", sa.Integer, nullable=False),
    sa.Column("registration", _word, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("product_sku", "created_at", "updated_at", "archived_at")


class AssetModelsRepository(Repository[AssetModel]):
    """Models for a change."""

    table = asset_models
    kind = "model"

    def _aggregate(self, row: sa.RowMapping) -> AssetModel:
        return model_of(row)

    def _row(self, aggregate: AssetModel) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "name": terms.name,
            "model": terms.model,
            "warranty_months": terms.warranty_months,
            "registration": terms.registration,
        }


def model_of(row: Mapping[str, Any] | sa.RowMapping) -> AssetModel:
    """The model that a row of the table stands for."""
    return AssetModel(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _OWN},
        terms=ModelTerms(
            name=row["name"],
            model=row["model"],
            warranty_months=row["warranty_months"],
            registration=RegistrationMode(row["registration"]),
        ),
    )


def model_by_sku(reading: Reading | UnitOfWork, product_sku: str) -> AssetModel | None:
    """The model of a product that is kept track of; None for all others."""
    about = {"tenant_id": reading.caller.tenant_id, "product_sku": product_sku}
    row = reading.fetch_one(_BY_SKU, about)
    return None if row is None else model_of(row)


_BY_SKU = Statement(
    "SELECT id, version, product_sku, name, model, warranty_months, registration, created_at,"
    " updated_at, archived_at FROM asset_models WHERE tenant_id = %(tenant_id)s"
    " AND product_sku = %(product_sku)s AND archived_at IS NULL"
)
