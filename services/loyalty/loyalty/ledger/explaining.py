"""Explains a member's points: what there is, and entry by entry how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, time_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.expiry.domain import last_day
from loyalty.ledger.domain import Account, Lot
from loyalty.ledger.queries import balance
from loyalty.ledger.storage import open_lots
from loyalty.ledger.tables import transactions
from loyalty.members.queries import member_ref
from loyalty.profiles.queries import zone_of

_shown = "id number kind key reference points short about_id at recorded_at actor member_id".split()
_columns = transactions.c

LEDGER = ListSpec(
    key=_columns.id,
    sorts={"at": _columns.at},
    default_sort="-at",
    filters={
        "kind": text_filter(_columns.kind),
        "key": text_filter(_columns.key),
        "reference": text_filter(_columns.reference),
        "at": time_filter(_columns.at),
    },
)


def member_points(reading: Reading, member_id: UUID) -> dict[str, Any]:
    """What a member has, lot by lot. Raises `NotFound`."""
    member, has = member_ref(reading, member_id), balance(reading, member_id)
    zone, next_expiry = zone_of(reading, member), has.next_expiry
    amounts = {account.value: getattr(has, account.value) for account in Account}
    now = reading.clock.now()
    return {
        "member_id": member.id,
        "program_id": member.program_id,
        "as_of": now,
        "time_zone": zone.key,
        "balances": amounts,
        "earned": has.earned,
        "next_expiry_at": next_expiry,
        "last_on": None if next_expiry is None else last_day(next_expiry, zone).isoformat(),
        "expiring": has.expiring,
        "lots": [
            _lot(lot)
            for lot in open_lots(reading, [member_id]).get(member_id, [])
            if not _is_over(lot, now)
        ],
    }


def list_ledger(reading: Reading, listing: Listing, member_id: UUID) -> dict[str, Any]:
    """A page of a member's transactions, with their entries and what there was after each.

    Raises `NotFound`.
    """
    member_ref(reading, member_id)
    mine = sa.select(*(_columns[name] for name in _shown)).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.member_id == member_id
    )
    page = listing.fetch(reading.connection, mine, lambda row: dict(row._mapping))
    _explain(reading, member_id, page["items"])
    return page


def get_transaction(reading: Reading, member_id: UUID, transaction_id: UUID) -> dict[str, Any]:
    """One of a member's transactions. Raises `NotFound`."""
    asked = sa.select(*(_columns[name] for name in _shown)).where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.member_id == member_id,
        _columns.id == transaction_id,
    )
    row = reading.connection.execute(asked).mappings().first()
    if row is None:
        raise NotFound.of("transaction", transaction_id)
    found = dict(row)
    _explain(reading, member_id, [found])
    return found


def _explain(reading: Reading, member_id: UUID, page: Sequence[dict[str, Any]]) -> None:
    """Add entries and balances to transactions of a member."""
    member = {"tenant_id": reading.caller.tenant_id, "member_id": member_id}
    ids = [one["id"] for one in page]
    if not ids:
        return
    entries: dict[UUID, list[dict[str, Any]]] = {}
    for row in reading.fetch_all(_ENTRIES, {**member, "ids": ids}):
        line = {name: row[name] for name in ("account", "points", "lot_id")}
        entries.setdefault(row["transaction_id"], []).append(line)
    # What moved nothing has no number: after it there was what there was after the last before it.
    numbers = {
        row["id"]: row["number"] for row in reading.fetch_all(_NUMBERS, {**member, "ids": ids})
    }
    asked = {**member, "numbers": [*numbers.values()], "last": max(numbers.values(), default=0)}
    after: dict[int, dict[str, int]] = {}
    for row in reading.fetch_all(_AFTER, asked):
        after[row["number"]] = {account.value: row[account.value] for account in Account}
    for one in page:
        one["entries"] = entries.get(one["id"], [])
        one["balances_after"] = after.get(numbers[one["id"]]) or _NOTHING
        del one["member_id"]


def _lot(lot: Lot) -> dict[str, Any]:
    shown = asdict(lot)
    return {name: shown[name] for name in _LOT}


def _is_over(lot: Lot, now: datetime) -> bool:
    """Whether it holds nothing but points that have expired, though nobody has noted it yet."""
    ended = lot.expires_at is not None and lot.expires_at <= now
    return ended and not lot.reserved and lot.available >= 0


_LOT = ("id", "earned_at", "counts_from", "expires_at", "pending", "available", "reserved")
_NOTHING = {account.value: 0 for account in Account}
_MINE = " t.tenant_id = %(tenant_id)s AND t.member_id = %(member_id)s"
_ENTRIES = Statement(
    "SELECT e.transaction_id, e.account, e.points, e.lot_id FROM ledger_entries e"
    " WHERE e.tenant_id = %(tenant_id)s AND e.transaction_id = ANY(%(ids)s)"
    " ORDER BY e.transaction_id, e.line"
)
_NUMBERS = Statement(
    "SELECT t.id, coalesce(t.number, (SELECT p.number FROM ledger_transactions p"  # noqa: S608 - ours
    " WHERE p.tenant_id = t.tenant_id AND p.member_id = t.member_id AND p.number IS NOT NULL"
    " AND (p.at, p.id) < (t.at, t.id) ORDER BY p.number DESC LIMIT 1), 0) AS number"
    f" FROM ledger_transactions t WHERE{_MINE} AND t.id = ANY(%(ids)s)"
)
# However long the history is, no more rows come back than are asked for.
_EACH = ", ".join(
    f"coalesce(sum(e.points) FILTER (WHERE e.account = '{account}'), 0) AS {account}"
    for account in Account
)
_SUMS = ", ".join(f"(sum(m.{one}) OVER so_far)::bigint AS {one}" for one in Account)
_AFTER = Statement(
    f"SELECT * FROM (SELECT m.number, {_SUMS}"  # noqa: S608 - our own columns
    f" FROM (SELECT t.number, {_EACH} FROM ledger_transactions t JOIN ledger_entries e"
    " ON e.tenant_id = t.tenant_id AND e.transaction_id = t.id"
    f" WHERE{_MINE} AND t.number <= %(last)s GROUP BY t.number) m"
    " WINDOW so_far AS (ORDER BY m.number)) r WHERE number = ANY(%(numbers)s)"
)
