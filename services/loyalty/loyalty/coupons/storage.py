"""How coupons are kept: a row each, found by the digest of its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.coupons.domain import CodeKept, Coupon, CouponState, IssueCause

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

coupons = sa.Table(
    "coupons",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pool_id", _uuid, nullable=False),
    sa.Column("batch_id", _uuid),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("ending", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("state", _word, nullable=False),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("most_uses", sa.Integer),
    sa.Column("time_zone", _word),
    sa.Column("issued_at", _time),
    sa.Column("expires_at", _time),
    sa.Column("cause_kind", _word),
    sa.Column("cause_key", _word),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

_OWN = (
    "pool_id",
    "batch_id",
    "person_id",
    "state",
    "uses",
    "most_uses",
    "time_zone",
    "issued_at",
    "expires_at",
    "created_at",
    "updated_at",
)


class CouponsRepository(Repository[Coupon]):
    """Coupons for a change."""

    table = coupons
    kind = "coupon"

    def _aggregate(self, row: sa.RowMapping) -> Coupon:
        return coupon_of(row)

    def _row(self, aggregate: Coupon) -> dict[str, Any]:
        return row_of(aggregate)


def row_of(coupon: Coupon) -> dict[str, Any]:
    """The columns of a coupon, without those that every aggregate has."""
    cause = coupon.cause
    return {
        **{name: getattr(coupon, name) for name in _OWN},
        "digest": coupon.code.digest,
        "sealed": coupon.code.sealed,
        "ending": coupon.code.ending,
        "cause_kind": None if cause is None else cause.kind,
        "cause_key": None if cause is None else cause.key,
    }


def coupon_of(row: Mapping[str, Any] | sa.RowMapping) -> Coupon:
    """The coupon that a row of the table stands for."""
    kind = row["cause_kind"]
    return Coupon(
        id=row["id"],
        version=row["version"],
        code=CodeKept(bytes(row["digest"]), bytes(row["sealed"]), row["ending"]),
        cause=None if kind is None else IssueCause(kind, row["cause_key"]),
        **{name: row[name] for name in _OWN if name != "state"},
        state=CouponState(row["state"]),
    )


def issued_for(tx: UnitOfWork, pool_id: UUID, cause: IssueCause) -> UUID | None:
    """The coupon of a pool that was issued for a cause already."""
    if cause.key is None:
        return None
    about = {"tenant_id": tx.tenant_id, "pool_id": pool_id, "kind": cause.kind, "key": cause.key}
    row = tx.fetch_one(_ISSUED, about)
    return None if row is None else UUID(str(row["id"]))


def ids_by_digest(reading: Reading | UnitOfWork, digests: Sequence[bytes]) -> Mapping[bytes, UUID]:
    """The coupons that there are of these digests."""
    about = {"tenant_id": reading.caller.tenant_id, "digests": list(digests)}
    rows = reading.fetch_all(_FOUND, about)
    return {bytes(row["digest"]): UUID(str(row["id"])) for row in rows}


def holders_of(reading: Reading | UnitOfWork, coupon_ids: Sequence[UUID]) -> AbstractSet[UUID]:
    """Whose coupons these are, of those that were issued to somebody."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": list(coupon_ids)}
    return {row["person_id"] for row in reading.fetch_all(_HOLDERS, about)} if coupon_ids else set()


_ISSUED = Statement(
    "SELECT id FROM coupons WHERE tenant_id = %(tenant_id)s AND pool_id = %(pool_id)s"
    " AND cause_kind = %(kind)s AND cause_key = %(key)s"
)
_HOLDERS = Statement(
    "SELECT DISTINCT person_id FROM coupons WHERE tenant_id = %(tenant_id)s"
    " AND id = ANY(%(ids)s::uuid[]) AND person_id IS NOT NULL"
)
_FOUND = Statement(
    "SELECT digest, id FROM coupons WHERE tenant_id = %(tenant_id)s"
    " AND digest = ANY(%(digests)s::bytea[])"
)
