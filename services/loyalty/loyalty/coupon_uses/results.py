"""What came of coupons: how many were used, what they took off, and what was bought with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading

RESULT_DEFINITIONS = {
    "made": "Coupons made within the time, in batches and for people.",
    "issued": "Coupons given to people within the time.",
    "uses": "Uses within the time that were not rolled back.",
    "rolled_back": "Uses within the time that were rolled back, whenever that was.",
    "points": "The points that these uses gave.",
    "discount": "What these uses took off.",
    "orders": "Orders with such a use; one with several is counted once.",
    "revenue": "What those orders came to after all of their coupons, at the time of the use.",
    "new_customers": "Those of the orders that were the person's first.",
    "campaign": "The pool's campaign at the time of the use; pools show theirs of now.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which uses: within a time, of a program, of a campaign."""

    since: datetime | None
    until: datetime | None
    program_id: UUID | None = None
    campaign: str | None = None


def results(reading: Reading, asked: Asked) -> dict[str, Any]:
    """The results of each pool, and of each campaign."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "since": asked.since,
        "until": asked.until,
        "program_id": asked.program_id,
        "campaign": asked.campaign,
    }
    by_pool = _counted(reading, "pool_id", about)
    by_campaign = _counted(reading, "campaign", about)
    pools = [
        {
            "coupon_pool_id": row["id"],
            "name": row["name"],
            "campaign": row["campaign"],
            "made": row["made"],
            "issued": row["issued"],
            **by_pool.get(row["id"], _nothing()),
        }
        for row in reading.fetch_all(_POOLS, about)
    ]
    return {
        "as_of": reading.clock.now(),
        "pools": pools,
        "campaigns": [{"campaign": key, **by_campaign[key]} for key in sorted(by_campaign)],
        "definitions": RESULT_DEFINITIONS,
    }


def _nothing() -> dict[str, Any]:
    return {"uses": 0, "rolled_back": 0, "points": 0, "new_customers": 0, "money": []}


def _counted(
    reading: Reading, by: Literal["pool_id", "campaign"], about: Mapping[str, Any]
) -> Mapping[Any, dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for row in reading.fetch_all(_USES[by], about):
        one = found.setdefault(row["key"], _nothing())
        for name in ("uses", "rolled_back", "points", "new_customers"):
            one[name] += int(row[name] or 0)
        if row["uses"]:
            one["money"].append(_money(row))
    return found


def _money(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]

    def shown(amount: Decimal) -> dict[str, str]:
        return amount_out(rounded(amount, currency), currency)

    discount, revenue = shown(row["discount"]), shown(row["revenue"])
    return {"orders": row["orders"], "discount": discount, "revenue": revenue}


def _uses_by(column: str) -> Statement:
    """What was used by pool or campaign, and currency. Orders are counted once for each."""
    return Statement(
        "WITH all_uses AS ("  # noqa: S608 - the column is one of two of our own
        " SELECT u.*, sum(u.discount) FILTER (WHERE u.rolled_back_at IS NULL)"
        " OVER (PARTITION BY u.order_reference, u.currency) AS off_order,"
        f" row_number() OVER (PARTITION BY u.{column}, u.order_reference, u.currency,"
        " u.rolled_back_at IS NULL ORDER BY u.id) AS place"
        " FROM coupon_uses u WHERE u.tenant_id = %(tenant_id)s"
        " AND (%(since)s::timestamptz IS NULL OR u.redeemed_at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR u.redeemed_at < %(until)s)"
        f"), told AS (SELECT a.{column} AS key, a.currency, a.rolled_back_at IS NULL AS counts,"
        " a.place = 1 AS first_of_order, a.points, a.discount, a.first_purchase,"
        " a.basket_total - a.off_order AS revenue FROM all_uses a"
        " JOIN coupon_pools p ON p.tenant_id = a.tenant_id AND p.id = a.pool_id"
        " WHERE (%(program_id)s::uuid IS NULL OR p.program_id = %(program_id)s)"
        " AND (%(campaign)s::text IS NULL OR a.campaign = %(campaign)s)"
        ") SELECT key, currency, count(*) FILTER (WHERE counts) AS uses,"
        " count(*) FILTER (WHERE NOT counts) AS rolled_back,"
        " sum(points) FILTER (WHERE counts) AS points,"
        " sum(discount) FILTER (WHERE counts) AS discount,"
        " count(*) FILTER (WHERE counts AND first_of_order) AS orders,"
        " sum(revenue) FILTER (WHERE counts AND first_of_order) AS revenue,"
        " count(*) FILTER (WHERE counts AND first_of_order AND first_purchase) AS new_customers"
        " FROM told GROUP BY key, currency ORDER BY key, currency"
    )


_USES: Mapping[str, Statement] = {column: _uses_by(column) for column in ("pool_id", "campaign")}
_WITHIN: Sequence[str] = (
    "(%(since)s::timestamptz IS NULL OR {at} >= %(since)s)",
    "(%(until)s::timestamptz IS NULL OR {at} < %(until)s)",
)
_MADE, _ISSUED = (
    " AND ".join(_WITHIN).format(at=column) for column in ("c.created_at", "c.issued_at")
)
_POOLS = Statement(
    "SELECT p.id, p.name, p.campaign, count(c.id) FILTER"  # noqa: S608 - parts of our own
    f" (WHERE {_MADE}) AS made, count(c.issued_at) FILTER (WHERE {_ISSUED}) AS issued"
    " FROM coupon_pools p LEFT JOIN coupons c ON c.tenant_id = p.tenant_id AND c.pool_id = p.id"
    " WHERE p.tenant_id = %(tenant_id)s"
    " AND (%(program_id)s::uuid IS NULL OR p.program_id = %(program_id)s)"
    " AND (%(campaign)s::text IS NULL OR p.campaign = %(campaign)s)"
    " GROUP BY p.tenant_id, p.id ORDER BY p.created_at, p.id"
)
