"""What a program owes its members in points, now or at a time in the past, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.http.money import amount_out, decimal_out
from chassis.money import EXACT, rounded
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.ledger.domain import Account
from loyalty.ledger.models import LIABILITY_DEFINITIONS
from loyalty.programs.domain import Program
from loyalty.programs.queries import program

_OUTSTANDING = (Account.PENDING, Account.AVAILABLE, Account.RESERVED)
_PLACES = Decimal("0.01")


def liability(reading: Reading, program_id: UUID, as_of: datetime | None) -> dict[str, Any]:
    """The report: all there is now, or what had taken effect before a time. Raises `NotFound`."""
    about = program(reading, program_id)
    now = reading.clock.now()
    balances = _balances(reading, program_id, as_of)
    outstanding = sum(balances[account] for account in _OUTSTANDING)
    broken = breakage(balances)
    kept = Decimal(1) if broken is None else 1 - EXACT.divide(broken, Decimal(100))
    return {
        "program_id": program_id,
        "as_of": now if as_of is None else min(as_of, now),
        "balances": balances,
        "outstanding": outstanding,
        "point_value": decimal_out(about.terms.point_value),
        "worth": _worth(about, Decimal(outstanding)),
        "expiring": _expiring(reading, about, as_of),
        "breakage_percent": None if broken is None else decimal_out(broken),
        "expected_worth": _worth(about, EXACT.multiply(Decimal(outstanding), kept)),
        "definitions": LIABILITY_DEFINITIONS,
    }


def breakage(balances: Mapping[str, int]) -> Decimal | None:
    """Of the points that have come to an end, how many expired: in per cent, to two places."""
    ended = balances[Account.REDEEMED] + balances[Account.EXPIRED]
    if not ended:
        return None
    return EXACT.quantize(EXACT.divide(Decimal(100 * balances[Account.EXPIRED]), ended), _PLACES)


def _worth(about: Program, points: Decimal) -> dict[str, str]:
    currency = about.terms.currency
    worth = EXACT.multiply(points, about.terms.point_value)
    return amount_out(rounded(worth, currency), currency)


def _balances(reading: Reading, program_id: UUID, until: datetime | None) -> dict[str, int]:
    """By account: what there is now, less what has moved since."""
    row = reading.fetch_one(_NOW, {"tenant_id": reading.caller.tenant_id, "program_id": program_id})
    found = {account.value: int((row or {})[account.value]) for account in Account}
    about = {"tenant_id": reading.caller.tenant_id, "program_id": program_id, "until": until}
    for moved in reading.fetch_all(_SINCE, about):
        found[moved["account"]] -= int(moved["points"])
    return found


def _expiring(reading: Reading, about: Program, until: datetime | None) -> list[dict[str, Any]]:
    asked = {
        "tenant_id": reading.caller.tenant_id,
        "program_id": about.id,
        "until": until,
        "zone": about.terms.time_zone,
    }
    rows = reading.fetch_all(_EXPIRING, asked)
    return [
        {
            "month": row["month"],
            "points": int(row["points"]),
            "worth": _worth(about, Decimal(row["points"])),
        }
        for row in rows
        if row["points"]
    ]


_NOW = Statement(
    "SELECT "  # noqa: S608 - our own columns
    + ", ".join(f"coalesce(sum({account}), 0)::bigint AS {account}" for account in Account)
    + " FROM ledger_balances WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s"
)
_SINCE = Statement(
    "SELECT e.account, sum(e.points)::bigint AS points FROM ledger_transactions t"
    " JOIN ledger_entries e ON e.tenant_id = t.tenant_id AND e.transaction_id = t.id"
    " WHERE t.tenant_id = %(tenant_id)s AND t.program_id = %(program_id)s AND t.at >= %(until)s::timestamptz"
    " GROUP BY e.account"
)
# What lots hold now, less what has moved in them since.
_EXPIRING = Statement(
    "SELECT to_char((l.expires_at - interval '1 microsecond') AT TIME ZONE %(zone)s, 'YYYY-MM')"
    " AS month, sum(l.pending + l.available + l.reserved - coalesce(m.points, 0))::bigint AS points"
    " FROM ledger_lots l LEFT JOIN (SELECT e.lot_id, sum(e.points) AS points"
    " FROM ledger_transactions t JOIN ledger_entries e ON e.tenant_id = t.tenant_id"
    " AND e.transaction_id = t.id AND e.account IN ('pending', 'available', 'reserved')"
    " WHERE t.tenant_id = %(tenant_id)s AND t.program_id = %(program_id)s AND t.at >= %(until)s::timestamptz"
    " GROUP BY e.lot_id) m ON m.lot_id = l.id"
    " WHERE l.tenant_id = %(tenant_id)s AND l.program_id = %(program_id)s"
    " AND (l.is_open OR m.lot_id IS NOT NULL) GROUP BY 1 ORDER BY 1"
)
