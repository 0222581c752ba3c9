"""Counts balances and lots anew from the entries, and names whatever differs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.ledger.domain import Account

MOST_DIFFERENCES = 200
_IN_LOTS = tuple(account for account in Account if account is not Account.ISSUED)


def recount(
    reading: Reading | UnitOfWork, program_id: UUID | None = None, member_id: UUID | None = None
) -> dict[str, Any]:
    """What the entries add up to against what is kept, of a tenant, a program or a member.

    Names 200 differences at most. A statement sees one moment, so it may run while points move.
    """
    about = {
        "tenant_id": reading.caller.tenant_id,
        "program_id": program_id,
        "member_id": member_id,
        "most": MOST_DIFFERENCES,
    }
    row = reading.fetch_one(_COUNTS, about)
    differences = reading.fetch_all(_DIFFERENCES, about)
    return {
        "as_of": reading.clock.now(),
        **(row or {}),
        "is_right": not differences,
        "differences": differences,
    }


_WHOSE = (
    " {0}.tenant_id = %(tenant_id)s"
    " AND (%(program_id)s::uuid IS NULL OR {0}.program_id = %(program_id)s)"
    " AND (%(member_id)s::uuid IS NULL OR {0}.member_id = %(member_id)s)"
)
_COUNTS = Statement(
    f"SELECT (SELECT count(*) FROM ledger_transactions t WHERE{_WHOSE.format('t')})"  # noqa: S608 - ours
    " AS transactions, (SELECT coalesce(sum(cardinality(t.accounts)), 0)::bigint FROM ledger_transactions t"
    f" WHERE{_WHOSE.format('t')}) AS entries,"
    f" (SELECT count(*) FROM ledger_balances b WHERE{_WHOSE.format('b')}) AS members,"
    f" (SELECT count(*) FROM ledger_lots l WHERE{_WHOSE.format('l')}) AS lots"
)


def _sums(accounts: tuple[Account, ...]) -> str:
    return ", ".join(
        f"coalesce(sum(e.points) FILTER (WHERE e.account = '{one}'), 0) AS {one}"
        for one in accounts
    )


def _each(row: str, sums: str, accounts: tuple[Account, ...]) -> str:
    """The accounts of two rows side by side, as rows."""
    pairs = ", ".join(
        f"('{one}', {row}.{one}::bigint, coalesce({sums}.{one}, 0)::bigint)" for one in accounts
    )
    return f"CROSS JOIN LATERAL (VALUES {pairs}) AS v (account, kept, counted)"


_ENTRIES = (
    " FROM ledger_transactions t JOIN ledger_entries e ON e.tenant_id = t.tenant_id"
    f" AND e.transaction_id = t.id WHERE{_WHOSE.format('t')}"
)
# Balances by member, lots by lot, transactions by what they hold: whole, summing to zero, numbered
# without a gap.
_DIFFERENCES = Statement(
    "SELECT what, id, account, kept, counted FROM ("  # noqa: S608 - our own columns
    "SELECT 'balance' AS what, b.member_id AS id, v.account, v.kept, v.counted"
    " FROM ledger_balances b LEFT JOIN"
    f" (SELECT t.member_id, {_sums(tuple(Account))}{_ENTRIES} GROUP BY t.member_id) c"
    f" ON c.member_id = b.member_id {_each('b', 'c', tuple(Account))} WHERE{_WHOSE.format('b')}"
    " UNION ALL SELECT 'lot', l.id, v.account, v.kept, v.counted FROM ledger_lots l LEFT JOIN"
    f" (SELECT e.lot_id, {_sums(_IN_LOTS)}{_ENTRIES} GROUP BY e.lot_id) c"
    f" ON c.lot_id = l.id {_each('l', 'c', _IN_LOTS)} WHERE{_WHOSE.format('l')}"
    " UNION ALL SELECT 'transaction', c.id, v.account, v.kept, v.counted FROM"
    " (SELECT t.id, sum(e.amount) AS total, count(*) FILTER (WHERE e.account IS NULL"
    " OR e.amount IS NULL OR e.lot_id IS NULL) AS broken FROM ledger_transactions t"
    " CROSS JOIN LATERAL unnest(t.accounts, t.amounts, t.lot_ids) AS e (account, amount, lot_id)"
    f" WHERE{_WHOSE.format('t')} GROUP BY t.tenant_id, t.id) c CROSS JOIN LATERAL (VALUES"
    " ('sum', c.total::bigint, 0::bigint), ('lines', c.broken::bigint, 0::bigint))"
    " AS v (account, kept, counted)"
    " UNION ALL SELECT 'balance', b.member_id, 'number', coalesce(c.last, 0), c.numbered FROM"
    " ledger_balances b LEFT JOIN (SELECT t.member_id, max(t.number) AS last, count(t.number) AS"
    f" numbered FROM ledger_transactions t WHERE{_WHOSE.format('t')} GROUP BY t.member_id) c"
    f" ON c.member_id = b.member_id WHERE c.member_id IS NOT NULL AND{_WHOSE.format('b')}"
    ") d WHERE kept <> counted ORDER BY what, id, account LIMIT %(most)s"
)
