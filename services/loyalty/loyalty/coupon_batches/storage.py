"""How batches of codes are kept: a row each; their coupons name them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from loyalty.coupon_batches.domain import CouponBatch

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

coupon_batches = sa.Table(
    "coupon_batches",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pool_id", _uuid, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("job_id", _uuid),
    sa.Column("created_by", sa.Text(collation="C"), nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("made_at", _time),
)

_OWN = ("pool_id", "count", "job_id", "created_by", "created_at", "made_at")


class CouponBatchesRepository(Repository[CouponBatch]):
    """Batches for a change."""

    table = coupon_batches
    kind = "coupon batch"

    def _aggregate(self, row: sa.RowMapping) -> CouponBatch:
        return CouponBatch(**{name: value for name, value in row.items() if name != "tenant_id"})

    def _row(self, aggregate: CouponBatch) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}
