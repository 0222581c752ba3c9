"""Members' points are what their orders earn, and the ledger sums to zero however it is added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.writes import Record, items
from tests.reliability.rewarding import PEOPLE, POINTS_FOR_AN_ORDER
from tests.reliability.selling import ORDERS

_UNBALANCED = """
SELECT transaction_id::text, sum(points) FROM ledger_entries WHERE tenant_id = %s
GROUP BY transaction_id HAVING sum(points) <> 0
"""
_KEPT = """
SELECT m.person_id::text, b.pending + b.available FROM ledger_balances b
JOIN members m ON m.tenant_id = b.tenant_id AND m.id = b.member_id WHERE b.tenant_id = %s
"""
_COUNTED = """
SELECT m.person_id::text, sum(e.points) FROM ledger_entries e
JOIN ledger_transactions t ON t.tenant_id = e.tenant_id AND t.id = e.transaction_id
JOIN members m ON m.tenant_id = t.tenant_id AND m.id = t.member_id
WHERE e.tenant_id = %s AND e.account IN ('pending', 'available') GROUP BY m.person_id
"""


def check_points(evidence: Evidence) -> Finding:
    """Compare what the ledger keeps with its entries, and both with what sales has handed over."""
    orders = [
        evidence.client.get(f"{ORDERS}/{one['id']}") for one in items(evidence.client, ORDERS)
    ]
    unbalanced, kept, counted = (
        evidence.estate.query("loyalty", asked, evidence.tenant_id)
        for asked in (_UNBALANCED, _KEPT, _COUNTED)
    )
    points = _whole(kept)
    return Finding.of(
        "members have the points that their orders earn, and the ledger sums to zero",
        [
            *(f"the transaction {one} sums to {total}" for one, total in unbalanced),
            *wrong_points(orders, points, _whole(counted)),
        ],
        members=len(points),
        points=sum(points.values()),
    )


def wrong_points(
    orders: Sequence[Record], kept: Mapping[str, int], counted: Mapping[str, int]
) -> Iterator[str]:
    """What is wrong with these points by person, which were kept and counted, after these orders."""
    handed_over: Counter[str] = Counter()
    for order in orders:
        if order["person_id"] is not None:
            handed_over[order["person_id"]] += len(order["deliveries"])
    for person_id in PEOPLE:
        due = handed_over[person_id] * POINTS_FOR_AN_ORDER
        for what, points in (("are kept", kept), ("were entered", counted)):
            if points.get(person_id, 0) != due:
                yield f"{points.get(person_id, 0)} points of {person_id} {what}, due are {due}"
    yield from (f"{one} has points and bought nothing" for one in sorted({*kept} - {*PEOPLE}))


def _whole(rows: Iterable[tuple[str, object]]) -> dict[str, int]:
    return {person_id: int(str(points)) for person_id, points in rows}
