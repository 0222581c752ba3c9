"""Looks up what counts towards a member's tier: what was delivered and kept, or the points earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.domain import Money
from chassis.money import rounded, total
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.members.queries import MemberRef
from loyalty.qualifying.domain import Contribution
from loyalty.tiers.domain import QualifyBy

_NOTHING = Decimal(0)


def contributions(
    reading: Reading | UnitOfWork,
    member: MemberRef,
    by: QualifyBy,
    currency: str,
    since: datetime | None = None,
) -> Sequence[Contribution]:
    """What counts of what befell a member since it is one, from a time on, the oldest first.

    Money counts in the program's currency alone. What was paid back after a delivery is taken off
    what of the same order was delivered by then, the last first; a purchase counts while anything of
    it was kept.
    """
    start = member.enrolled_at if since is None else max(since, member.enrolled_at)
    about = {"tenant_id": reading.caller.tenant_id, "start": start}
    if by is QualifyBy.POINTS:
        rows = reading.fetch_all(_POINTS, {**about, "member_id": member.id})
        return [
            Contribution(r["at"], Decimal(r["points"]), r["kind"], r["reference"]) for r in rows
        ]
    if member.person_id is None:
        return []
    asked = {**about, "person_id": member.person_id, "currency": currency}
    return _counted(kept_of(reading.fetch_all(_ORDERS, asked)), by)


def change_by(
    reading: Reading | UnitOfWork,
    member: MemberRef,
    by: QualifyBy,
    currency: str,
    happening: Happening,
) -> Decimal:
    """By how much more counts of what befell a member since it is one, with a happening that was noted.

    An order counts by what befell that order alone, so nothing else is looked at, and it makes no
    difference what is told first.
    """
    if happening.order_id is None or member.person_id is None:
        return _NOTHING
    asked = {
        "tenant_id": reading.caller.tenant_id,
        "order_id": happening.order_id,
        "person_id": member.person_id,
        "currency": currency,
        "start": member.enrolled_at,
    }
    rows = reading.fetch_all(_ORDER, asked)
    before = [row for row in rows if row["id"] != happening.id]
    return total_of(_counted(kept_of(rows), by)) - total_of(_counted(kept_of(before), by))


@dataclass(frozen=True, slots=True)
class PointsSince:
    """By how much more points count with the transactions after some, and the number of the last.

    What was taken back without moving anything has no number: all of it is `unmoved`.
    """

    points: Decimal
    number: int
    unmoved: Decimal


def points_since(
    reading: Reading | UnitOfWork, member: MemberRef, number: int
) -> PointsSince | None:
    """What counts of the points of a member after a number; 0 for all.

    None for a member into whom others were merged: what counts is spread over several ledgers then.
    """
    about = {"tenant_id": reading.caller.tenant_id, "member_id": member.id}
    row = reading.fetch_one(_POINTS_SINCE, {**about, "start": member.enrolled_at, "after": number})
    if row is None:
        return None
    return PointsSince(Decimal(row["points"]), row["number"], Decimal(row["unmoved"]))


def total_of(given: Sequence[Contribution]) -> Decimal:
    """What counts in all, where nothing leaves a window."""
    return sum((one.amount for one in given), _NOTHING)


def spent_since(
    reading: Reading | UnitOfWork, person_id: UUID | None, currency: str, since: datetime
) -> Money:
    """What was delivered to a person from a time on, less what was paid back of it by now."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    asked = {**about, "currency": currency, "start": since}
    rows = [] if person_id is None else reading.fetch_all(_ORDERS, asked)
    return total([rounded(one.amount, currency) for _, one in kept_of(rows)], currency)


def kept_of(rows: Sequence[Mapping[str, Any]]) -> Sequence[tuple[UUID, Contribution]]:
    """What is left of deliveries after what was paid back, by order; what nothing is left of is none.

    Rows are deliveries and refunds in the order of time.
    """
    deliveries: list[tuple[UUID, Contribution]] = []
    of_order: defaultdict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        order_id, amount = row["order_id"], row["amount"]
        if row["kind"] == HappeningKind.ORDER_DELIVERED:
            of_order[order_id].append(len(deliveries))
            what = Contribution(row["happened_at"], amount, row["kind"], row["order_number"])
            deliveries.append((order_id, what))
            continue
        for place in reversed(of_order[order_id]):
            order, one = deliveries[place]
            taken = min(one.amount, amount)
            left = Contribution(one.at, one.amount - taken, one.kind, one.reference)
            deliveries[place] = (order, left)
            amount -= taken
    return [(order, one) for order, one in deliveries if one.amount > _NOTHING]


def _counted(kept: Sequence[tuple[UUID, Contribution]], by: QualifyBy) -> Sequence[Contribution]:
    return _purchases(kept) if by is QualifyBy.PURCHASES else [one for _, one in kept]


def _purchases(kept: Sequence[tuple[UUID, Contribution]]) -> Sequence[Contribution]:
    """Each order once, with the first of its deliveries of which anything was kept."""
    first: dict[UUID, Contribution] = {}
    for order_id, one in kept:
        first.setdefault(order_id, Contribution(one.at, Decimal(1), one.kind, one.reference))
    return list(first.values())


_ORDERS = Statement(
    "SELECT kind, order_id, order_number, happened_at, amount FROM happenings"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND kind IN ('order_delivered', 'order_refunded') AND order_id IS NOT NULL"
    " AND currency = %(currency)s AND happened_at >= %(start)s"
    " ORDER BY happened_at, kind, id"
)
_ORDER = Statement(
    "SELECT id, kind, order_id, order_number, happened_at, amount FROM happenings"
    " WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s AND person_id = %(person_id)s"
    " AND kind IN ('order_delivered', 'order_refunded')"
    " AND currency = %(currency)s AND happened_at >= %(start)s"
    " ORDER BY happened_at, kind, id"
)
_POINTS = Statement(
    "SELECT t.at, t.kind, t.reference, (t.points - coalesce((SELECT sum(r.points)"
    " FROM ledger_transactions r WHERE r.tenant_id = t.tenant_id AND r.about_id = t.id), 0))::bigint"
    " AS points FROM ledger_balances b"
    " JOIN ledger_transactions t ON t.tenant_id = b.tenant_id"
    " AND t.member_id = ANY (b.member_id || b.family) AND t.at >= %(start)s"
    " AND EXISTS (SELECT FROM unnest(t.openings) o WHERE o.root_id IS NULL)"
    " WHERE b.tenant_id = %(tenant_id)s AND b.member_id = %(member_id)s ORDER BY t.at, t.id"
)
_COUNTS = (
    " AND t.at >= %(start)s AND EXISTS (SELECT FROM unnest(t.openings) o WHERE o.root_id IS NULL)"
)
_UNDONE = (
    "coalesce((SELECT sum(r.points) FROM ledger_transactions r JOIN ledger_transactions t"
    " ON t.tenant_id = r.tenant_id AND t.id = r.about_id"
    " WHERE r.tenant_id = b.tenant_id AND r.member_id = b.member_id"
)
_POINTS_SINCE = Statement(
    "SELECT b.number, (coalesce((SELECT sum(t.points) FROM ledger_transactions t"  # noqa: S608 - our own words
    " WHERE t.tenant_id = b.tenant_id AND t.member_id = b.member_id AND t.number > %(after)s"
    f"{_COUNTS}), 0) - {_UNDONE} AND r.number > %(after)s{_COUNTS}), 0))::bigint AS points,"
    f" ({_UNDONE} AND r.number IS NULL{_COUNTS}), 0))::bigint AS unmoved FROM ledger_balances b"
    " WHERE b.tenant_id = %(tenant_id)s AND b.member_id = %(member_id)s AND b.family = '{}'"
)
