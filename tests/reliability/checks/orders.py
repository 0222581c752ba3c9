"""Every accepted order is there once, and what was handed over was handed over once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.writes import Record, Records, by_mark, creation, items
from tests.reliability.ledger import Kind, Outcome, Write
from tests.reliability.selling import ORDERS

_HANDED_OVER = "delivered"


def check_orders(evidence: Evidence) -> Finding:
    """Compare the books with the orders and their deliveries, as the API tells them."""
    writes = list(evidence.ledger.of_kind(Kind.PLACE_ORDER, Kind.DELIVER_ORDER))
    listed = [
        evidence.client.get(f"{ORDERS}/{one['id']}") for one in items(evidence.client, ORDERS)
    ]
    stored = by_mark((one["branch"], one) for one in listed)
    return Finding.of(
        "every order is there once, and was delivered once",
        wrong_orders(writes, stored),
        orders=len(listed),
        deliveries=sum(len(one["deliveries"]) for one in listed),
    )


def wrong_orders(writes: Sequence[Write], stored: Records) -> Iterator[str]:
    """What is wrong with these orders after these writes."""
    handed_over = {one.subject: one for one in writes if one.kind == Kind.DELIVER_ORDER}
    placed = [one for one in writes if one.kind == Kind.PLACE_ORDER]
    for write in placed:
        found = stored.get(write.mark, ())
        yield from creation(write, found)
        for order in found:
            yield from _delivery(write.mark, order, handed_over)
    for mark in stored.keys() - {one.mark for one in placed}:
        yield f"order {mark} was never placed"


def _delivery(mark: str, order: Record, handed_over: Mapping[str, Write]) -> Iterator[str]:
    times, write = len(order["deliveries"]), handed_over.get(mark)
    outcome = Outcome.REFUSED if write is None else write.outcome
    if times > 1:
        yield f"order {mark} was delivered {times} times"
    elif outcome == Outcome.ACCEPTED and times == 0:
        yield f"the delivery of order {mark} is lost"
    elif outcome == Outcome.REFUSED and times:
        yield f"order {mark} is delivered, and nobody did"
    if (order["status"] == _HANDED_OVER) != bool(times):
        yield f"order {mark} is {order['status']} after {times} deliveries"
