"""How things are kept: a row each, and a row for each thing that happened to one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from desk.assets.domain import (
    Asset,
    AssetDetails,
    AssetSource,
    AssetStatus,
    Noted,
    OrderOrigin,
    Owner,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
ASSET_SERIAL = "assets_serial_once"

assets = sa.Table(
    "assets",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("serial_number", sa.Text, nullable=False),
    sa.Column("serial_key", _word),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("status", _word, nullable=False),
    sa.Column("source", _word, nullable=False),
    sa.Column("bought_on", sa.Date),
    sa.Column("warranty_until", sa.Date),
    sa.Column("order_id", _uuid),
    sa.Column("order_number", _word, nullable=False),
    sa.Column("line_id", _word, nullable=False),
    sa.Column("delivery_id", _word, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("replaced_by_id", _uuid),
    sa.Column("owned_since", _time, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
asset_history = sa.Table(
    "asset_history",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("asset_id", _uuid, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("what", _word, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("actor", _word, nullable=False),
    sa.Column("at", _time, nullable=False),
)
_DETAILS = (
    "product_sku",
    "name",
    "model",
    "serial_number",
    "quantity",
    "bought_on",
    "warranty_until",
    "notes",
)
_OWN = ("replaced_by_id", "owned_since", "created_at", "updated_at")


class AssetsRepository(Repository[Asset]):
    """Things for a change. Whoever adds one with a serial number tries again on `ASSET_SERIAL`."""

    table = assets
    kind = "asset"

    def by_serial(self, product_sku: str, key: str) -> Asset | None:
        """The piece of a product that has a serial number, locked."""
        self._tx.flush()
        about = {"tenant_id": self._tx.tenant_id, "product_sku": product_sku, "serial_key": key}
        row = self._tx.fetch_one(_BY_SERIAL, about)
        return None if row is None else self.get(UUID(str(row["id"])))

    def of_delivery(self, origin: OrderOrigin) -> Asset | None:
        """The pieces without serial numbers that came with a delivery of a line, locked."""
        self._tx.flush()
        about = {
            "tenant_id": self._tx.tenant_id,
            "order_id": origin.order_id,
            "line_id": origin.line_id,
            "delivery_id": origin.delivery_id,
        }
        row = self._tx.fetch_one(_OF_DELIVERY, about)
        return None if row is None else self.get(UUID(str(row["id"])))

    def numbered_of(self, origin: OrderOrigin) -> int:
        """How many things with serial numbers came with a delivery."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "order_id": origin.order_id,
            "line_id": origin.line_id,
            "delivery_id": origin.delivery_id,
        }
        row = self._tx.fetch_one(_NUMBERED, about) or {"things": 0}
        return int(row["things"])

    def said_by_hand(self, asset_id: UUID) -> datetime | None:
        """When a user or an app last said whether, or how many of it, the customer has; None for never."""
        about = {"tenant_id": self._tx.tenant_id, "asset_id": asset_id}
        row = self._tx.fetch_one(_BY_HAND, about)
        return None if row is None else row["at"]

    def _stored(self, aggregate: Asset, *, new: bool) -> None:
        del new
        for noted in aggregate.noted:
            self._tx.write(_NOTE, self._entry(aggregate.id, noted))
        aggregate.noted.clear()

    def _entry(self, asset_id: UUID, noted: Noted) -> dict[str, Any]:
        return {
            "tenant_id": self._tx.tenant_id,
            "id": self._tx.ids.new(),
            "asset_id": asset_id,
            "version": noted.version,
            "what": noted.what,
            "fields": json_text(list(noted.fields)),
            "actor": self._tx.caller.actor,
            "at": noted.at,
        }

    def _aggregate(self, row: sa.RowMapping) -> Asset:
        return asset_of(row)

    def _row(self, aggregate: Asset) -> dict[str, Any]:
        origin = aggregate.origin
        return {
            **{name: getattr(aggregate.details, name) for name in _DETAILS},
            **{name: getattr(aggregate, name) for name in _OWN},
            "serial_key": aggregate.serial_key,
            "person_id": aggregate.owner.person_id,
            "company_id": aggregate.owner.company_id,
            "status": aggregate.status,
            "source": aggregate.source,
            "order_id": None if origin is None else origin.order_id,
            "order_number": "" if origin is None else origin.order_number,
            "line_id": "" if origin is None else origin.line_id,
            "delivery_id": "" if origin is None else origin.delivery_id,
        }


def asset_of(row: Mapping[str, Any] | sa.RowMapping) -> Asset:
    """The thing that a row of the table stands for."""
    origin = None
    if row["order_id"] is not None:
        names = ("order_id", "order_number", "line_id", "delivery_id")
        origin = OrderOrigin(**{name: row[name] for name in names})
    return Asset(
        id=row["id"],
        version=row["version"],
        details=AssetDetails(**{name: row[name] for name in _DETAILS}),
        owner=Owner(row["person_id"], row["company_id"]),
        status=AssetStatus(row["status"]),
        source=AssetSource(row["source"]),
        origin=origin,
        **{name: row[name] for name in _OWN},
    )


_BY_SERIAL = Statement(
    "SELECT id FROM assets WHERE tenant_id = %(tenant_id)s AND product_sku = %(product_sku)s"
    " AND serial_key = %(serial_key)s"
)
_OF_DELIVERY = Statement(
    "SELECT id FROM assets WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " AND line_id = %(line_id)s AND delivery_id = %(delivery_id)s AND serial_key IS NULL"
)
_NUMBERED = Statement(
    "SELECT count(*) AS things FROM assets WHERE tenant_id = %(tenant_id)s"
    " AND order_id = %(order_id)s AND line_id = %(line_id)s AND delivery_id = %(delivery_id)s"
    " AND serial_key IS NOT NULL"
)
_BY_HAND = Statement(
    "SELECT at FROM asset_history WHERE tenant_id = %(tenant_id)s AND asset_id = %(asset_id)s"
    " AND actor <> 'service:desk' AND (what IN ('returned', 'active', 'transferred')"
    " OR what = 'changed' AND fields::jsonb ? 'quantity') ORDER BY at DESC, id DESC LIMIT 1"
)
_NOTE = Statement(
    "INSERT INTO asset_history (tenant_id, id, asset_id, version, what, fields, actor, at) VALUES"
    " (%(tenant_id)s, %(id)s, %(asset_id)s, %(version)s, %(what)s, %(fields)s, %(actor)s, %(at)s)"
)
