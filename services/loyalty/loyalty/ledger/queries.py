"""Reads the ledger: what members have, and what other slices go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.ledger.domain import Balances

NOTHING = Balances()


def balances(reading: Reading | UnitOfWork, member_ids: Iterable[UUID]) -> Mapping[UUID, Balances]:
    """What members have, for each of them; nothing for whoever never had any points.

    Points whose time has come count as what they will be: pending ones that count by now are
    available, those that have expired are gone, though the timer may not have noted it yet.
    """
    asked = list(member_ids)
    about = {
        "tenant_id": reading.caller.tenant_id,
        "member_ids": asked,
        "now": reading.clock.now(),
    }
    found = {row["member_id"]: _balances(row) for row in reading.fetch_all(_BALANCES, about)}
    return {member_id: found.get(member_id, NOTHING) for member_id in asked}


def balance(reading: Reading | UnitOfWork, member_id: UUID) -> Balances:
    """What one member has."""
    return balances(reading, [member_id])[member_id]


def earned_between(
    reading: Reading | UnitOfWork, member_id: UUID, start: datetime, end: datetime
) -> int:
    """How many points a member was given from `start` until before `end`, less what was taken back of them.

    Those of members count too who turned out to be the same person. Points that came over from
    such a one count when they were earned, and once.
    """
    about = {
        "tenant_id": reading.caller.tenant_id,
        "member_id": member_id,
        "start": start,
        "end": end,
    }
    row = reading.fetch_one(_EARNED, about)
    return 0 if row is None else int(row["points"])


def _balances(row: Mapping[str, Any]) -> Balances:
    released, expired = row["released"], row["gone"]
    return Balances(
        issued=row["issued"],
        pending=row["pending"] - released,
        available=row["available"] + released - expired,
        reserved=row["reserved"],
        redeemed=row["redeemed"],
        expired=row["expired"] + expired,
        reversed=row["reversed"],
        next_expiry=row["next_expiry"],
        expiring=row["expiring"] or 0,
    )


# What is overdue is summed here as `catch_up` would move it; points released make up for debts first,
# which changes how many of them can expire. What inactivity would end is over only while the policy is so.
_BALANCES = Statement(
    "SELECT b.member_id, b.issued, b.pending, b.available, b.reserved, b.redeemed, b.expired,"
    " b.reversed, coalesce(d.released, 0)::bigint AS released,"
    " greatest(0, coalesce(d.gone, 0) + least(0, b.available))::bigint AS gone,"
    " e.next_expiry, e.expiring::bigint AS expiring"
    " FROM ledger_balances b"
    " LEFT JOIN LATERAL (SELECT b.idle_at FROM programs p WHERE p.tenant_id = b.tenant_id"
    " AND p.id = b.program_id AND p.policies #>> '{expiry,kind}' = 'inactivity') i ON true"
    " LEFT JOIN LATERAL (SELECT"
    " sum(l.pending) FILTER (WHERE l.counts_from <= %(now)s) AS released,"
    " sum(greatest(l.available, 0) + CASE WHEN l.counts_from <= %(now)s THEN l.pending ELSE 0 END)"
    " FILTER (WHERE coalesce(l.expires_at, i.idle_at) <= %(now)s) AS gone"
    " FROM ledger_lots l WHERE l.tenant_id = b.tenant_id AND l.member_id = b.member_id AND l.is_open"
    ") d ON true"
    " LEFT JOIN LATERAL (SELECT coalesce(l.expires_at, i.idle_at) AS next_expiry,"
    " sum(greatest(l.available, 0)) AS expiring"
    " FROM ledger_lots l WHERE l.tenant_id = b.tenant_id AND l.member_id = b.member_id AND l.is_open"
    " AND l.available > 0 AND coalesce(l.expires_at, i.idle_at) > %(now)s"
    " GROUP BY 1 ORDER BY 1 LIMIT 1) e ON true"
    " WHERE b.tenant_id = %(tenant_id)s AND b.member_id = ANY(%(member_ids)s)"
)
_EARNED = Statement(
    "SELECT coalesce(sum(t.points - coalesce((SELECT sum(r.points) FROM ledger_transactions r"
    " WHERE r.tenant_id = t.tenant_id AND r.about_id = t.id), 0)), 0)::bigint AS points"
    " FROM ledger_balances b"
    " JOIN ledger_transactions t ON t.tenant_id = b.tenant_id"
    " AND t.member_id = ANY (b.member_id || b.family) AND t.at >= %(start)s AND t.at < %(end)s"
    " AND EXISTS (SELECT FROM unnest(t.openings) o WHERE o.root_id IS NULL)"
    " WHERE b.tenant_id = %(tenant_id)s AND b.member_id = %(member_id)s"
)
