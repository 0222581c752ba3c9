"""How uses of coupons are kept, and how many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.coupon_uses.domain import CouponUse, LineDiscount, OrderNamed

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

coupon_uses = sa.Table(
    "coupon_uses",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("coupon_id", _uuid, nullable=False),
    sa.Column("pool_id", _uuid, nullable=False),
    sa.Column("campaign", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("order_id", _uuid),
    sa.Column("order_reference", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("discount", sa.Numeric(20, 4), nullable=False),
    sa.Column("basket_total", sa.Numeric(20, 4), nullable=False),
    sa.Column("lines", sa.JSON, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("member_id", _uuid),
    sa.Column("first_purchase", sa.Boolean, nullable=False),
    sa.Column("redeemed_at", _time, nullable=False),
    sa.Column("rolled_back_at", _time),
    sa.Column("rolled_back_for", _word, nullable=False),
)

_OWN = (
    "coupon_id",
    "pool_id",
    "campaign",
    "person_id",
    "channel",
    "branch",
    "points",
    "member_id",
    "first_purchase",
    "redeemed_at",
    "rolled_back_at",
    "rolled_back_for",
)


class CouponUsesRepository(Repository[CouponUse]):
    """Uses for a change."""

    table = coupon_uses
    kind = "coupon use"

    def _aggregate(self, row: sa.RowMapping) -> CouponUse:
        return use_of(row)

    def _row(self, aggregate: CouponUse) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "order_id": aggregate.order.id,
            "order_reference": aggregate.order.reference,
            "currency": aggregate.discount.currency,
            "discount": aggregate.discount.amount,
            "basket_total": aggregate.basket_total,
            "lines": [[one.line_id, f"{one.discount:f}"] for one in aggregate.lines],
        }


def use_of(row: Mapping[str, Any] | sa.RowMapping) -> CouponUse:
    """The use that a row of the table stands for."""
    currency = row["currency"]
    return CouponUse(
        id=row["id"],
        version=row["version"],
        order=OrderNamed(row["order_reference"], row["order_id"]),
        discount=Money(rounded(row["discount"], currency), currency),
        basket_total=rounded(row["basket_total"], currency),
        lines=tuple(LineDiscount(line_id, Decimal(off)) for line_id, off in row["lines"]),
        **{name: row[name] for name in _OWN},
    )


def uses_of_order(reading: Reading | UnitOfWork, reference: str) -> Sequence[CouponUse]:
    """All uses at an order, those that were rolled back included, oldest first."""
    about = {"tenant_id": reading.caller.tenant_id, "reference": reference}
    return [use_of(row) for row in reading.fetch_all(_OF_ORDER, about)]


def uses_of_cancelled(tx: UnitOfWork, order_id: UUID | None, number: str) -> Sequence[UUID]:
    """The uses that count at an order that sales names by id and number."""
    about = {"tenant_id": tx.tenant_id, "order_id": order_id, "number": number}
    return [UUID(str(row["id"])) for row in tx.fetch_all(_OF_CANCELLED, about)]


def pool_tallies(
    reading: Reading | UnitOfWork, pool_ids: Collection[UUID], *, lock: bool
) -> Mapping[UUID, int]:
    """How many uses of pools count; locked until the commit if that is what limits them."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": sorted(pool_ids)}
    rows = reading.fetch_all(_TALLIES_LOCKED if lock else _TALLIES, about) if pool_ids else []
    return {row["pool_id"]: row["uses"] for row in rows}


def count_uses(tx: UnitOfWork, pool_ids: Sequence[UUID], more: int) -> None:
    """Count uses of pools up or down, one for each time that a pool is named."""
    for pool_id in sorted(pool_ids):
        tx.write(_COUNT, {"tenant_id": tx.tenant_id, "pool_id": pool_id, "more": more})


def person_tallies(
    reading: Reading | UnitOfWork, pool_ids: Collection[UUID], person_ids: Collection[UUID]
) -> Mapping[tuple[UUID, UUID], int]:
    """How many uses of pools count for people."""
    if not pool_ids or not person_ids:
        return {}
    about = {
        "tenant_id": reading.caller.tenant_id,
        "pool_ids": list(pool_ids),
        "person_ids": list(person_ids),
    }
    rows = reading.fetch_all(_OF_PEOPLE, about)
    return {(row["pool_id"], row["person_id"]): row["uses"] for row in rows}


def buyers_among(
    reading: Reading | UnitOfWork, person_ids: Collection[UUID], order: OrderNamed
) -> AbstractSet[UUID]:
    """Which of these people have bought before: by an order that is not off, or with a coupon.

    The order in question does not count.
    """
    if not person_ids:
        return frozenset()
    about = {
        "tenant_id": reading.caller.tenant_id,
        "person_ids": list(person_ids),
        "order_id": order.id,
        "reference": order.reference,
    }
    return frozenset(row["person_id"] for row in reading.fetch_all(_BUYERS, about))


def one_at_a_time(tx: UnitOfWork, what: str, keys: Collection[str]) -> None:
    """Have others wait, until the commit, who do the same about any of these keys."""
    for key in sorted(keys):
        tx.fetch_one(_LOCK, {"key": f"{what} {tx.tenant_id} {key}"})


_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s::text, 0))")
_FIELDS = ", ".join(column.name for column in coupon_uses.c if column.name != "tenant_id")
_OF_ORDER = Statement(
    f"SELECT {_FIELDS} FROM coupon_uses WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - our own names
    " AND order_reference = %(reference)s ORDER BY id"
)
_OF_CANCELLED = Statement(
    "SELECT id FROM coupon_uses WHERE tenant_id = %(tenant_id)s AND rolled_back_at IS NULL"
    " AND order_id = %(order_id)s"
    " UNION SELECT id FROM coupon_uses WHERE tenant_id = %(tenant_id)s AND rolled_back_at IS NULL"
    " AND order_id IS NULL AND order_reference = %(number)s ORDER BY id"
)
_TALLIES = Statement(
    "SELECT pool_id, uses FROM coupon_tallies"
    " WHERE tenant_id = %(tenant_id)s AND pool_id = ANY(%(ids)s)"
)
_TALLIES_LOCKED = Statement(f"{_TALLIES.sql} ORDER BY pool_id FOR UPDATE")
_COUNT = Statement(
    "UPDATE coupon_tallies SET uses = uses + %(more)s"
    " WHERE tenant_id = %(tenant_id)s AND pool_id = %(pool_id)s"
)
_OF_PEOPLE = Statement(
    "SELECT pool_id, person_id, count(*) AS uses FROM coupon_uses"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s)"
    " AND pool_id = ANY(%(pool_ids)s) AND rolled_back_at IS NULL GROUP BY pool_id, person_id"
)
_BUYERS = Statement(
    "SELECT h.person_id FROM happenings h WHERE h.tenant_id = %(tenant_id)s"
    " AND h.person_id = ANY(%(person_ids)s) AND h.kind IN ('order_placed', 'order_delivered')"
    " AND h.order_id IS DISTINCT FROM %(order_id)s"
    " AND (%(reference)s::text = '' OR h.order_number <> %(reference)s)"
    " AND NOT EXISTS (SELECT FROM happenings c WHERE c.tenant_id = %(tenant_id)s"
    " AND c.order_id = h.order_id AND c.kind = 'order_cancelled')"
    " UNION SELECT u.person_id FROM coupon_uses u WHERE u.tenant_id = %(tenant_id)s"
    " AND u.person_id = ANY(%(person_ids)s) AND u.order_reference <> %(reference)s"
    " AND u.rolled_back_at IS NULL"
)
