"""Tickets and what is said to them are there once, numbered without gaps, routed and timed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.writes import Record, Records, by_mark, creation, items
from tests.reliability.desk import TICKETS
from tests.reliability.estate import Estate
from tests.reliability.ledger import Kind, Outcome, Write

SAID = "SELECT text, id::text, kind, ticket_id::text FROM messages WHERE tenant_id = %s"
_MARKED = (Kind.OPEN_TICKET, Kind.HAND_OVER_MAIL)
_KINDS = {Kind.WRITE_AS_CUSTOMER: "customer", Kind.REPLY: "reply"}
_ROUTED = """
SELECT ticket_id::text, count(*) FROM routing_decisions
WHERE tenant_id = %s AND purpose = 'route' GROUP BY ticket_id
"""
_UNROUTED = "SELECT count(*) FROM ticket_routings WHERE due_at IS NOT NULL"
_UNKNOWN = "SELECT count(*) FROM requester_questions"


def check_tickets(evidence: Evidence) -> Finding:
    """Compare the books with tickets and messages, and tickets with what was decided about them."""
    estate, tenant_id = evidence.estate, evidence.tenant_id
    tickets = list(items(evidence.client, TICKETS))
    said = estate.query("desk", SAID, tenant_id)
    messages = by_mark((text.strip(), {"id": id_, "kind": kind}) for text, id_, kind, _ in said)
    routed = dict(estate.query("desk", _ROUTED, tenant_id))
    writes = evidence.ledger.writes
    return Finding.of(
        "every ticket and message is there once, and every ticket was routed once",
        [
            *wrong_tickets(writes, by_mark((one["subject"], one) for one in tickets)),
            *wrong_messages(writes, messages),
            *wrong_numbers([one["number"] for one in tickets]),
            *wrong_routes(tickets, routed),
        ],
        tickets=len(tickets),
        messages=len(said),
    )


def wrong_tickets(writes: Sequence[Write], stored: Records) -> Iterator[str]:
    """What is wrong with these tickets after these writes; those that came by mail are known by it."""
    resolved = {one.subject: one for one in writes if one.kind == Kind.RESOLVE_TICKET}
    for write in writes:
        if write.kind == Kind.OPEN_TICKET:
            yield from creation(write, stored.get(write.mark, ()))
    for mark in stored.keys() - {one.mark for one in writes if one.kind in _MARKED}:
        yield f"ticket {mark} was never opened"
    for mark, tickets in stored.items():
        for ticket in tickets:
            yield from _resolved(mark, ticket, resolved.get(mark))


def _resolved(mark: str, ticket: Record, write: Write | None) -> Iterator[str]:
    is_resolved = ticket["resolved_at"] is not None
    outcome = Outcome.REFUSED if write is None else write.outcome
    if outcome == Outcome.ACCEPTED and not is_resolved:
        yield f"ticket {mark} is {ticket['status']}, and was resolved"
    elif outcome == Outcome.REFUSED and is_resolved:
        yield f"ticket {mark} is resolved, and nobody did"


def wrong_messages(writes: Sequence[Write], stored: Records) -> Iterator[str]:
    """What is wrong with these messages after these writes, those that opened tickets among them."""
    for write in writes:
        found = stored.get(write.mark, ())
        if write.kind in _KINDS:
            yield from creation(write, found)
            wrong = {one["kind"] for one in found} - {_KINDS[write.kind]}
            yield from (f"{write.kind} {write.mark} is there as {one}" for one in sorted(wrong))
        elif write.kind == Kind.OPEN_TICKET and write.outcome == Outcome.ACCEPTED:
            if len(found) != 1:
                yield f"ticket {write.mark} has its first message {len(found)} times"
        elif write.kind == Kind.OPEN_TICKET and write.outcome == Outcome.REFUSED and found:
            yield f"ticket {write.mark} was refused, and its message is there"


def wrong_numbers(shown: Sequence[str]) -> Iterator[str]:
    """Where numbers of tickets are not the first ones, each once."""
    numbers = Counter(int(one.rpartition("-")[2]) for one in shown)
    yield from (f"number {n} was given {times} times" for n, times in numbers.items() if times > 1)
    yield from (f"no ticket has number {n}" for n in range(1, len(shown) + 1) if n not in numbers)


def wrong_routes(tickets: Sequence[Record], routed: Mapping[str, int]) -> Iterator[str]:
    """Tickets about which it was not decided once where they go.

    One that was resolved before its turn came goes nowhere any more.
    """
    for ticket in tickets:
        times = routed.get(ticket["id"], 0)
        if times > 1 or (not times and ticket["resolved_at"] is None):
            yield f"ticket {ticket['subject']} was routed {times} times"
        elif times and ticket["queue_id"] is None:
            yield f"ticket {ticket['subject']} was routed, and is in no queue"


def unrouted(estate: Estate) -> dict[str, int]:
    """Of how many tickets it is not yet decided, or not known who has asked; empty without any."""
    found = {
        "routings": estate.query("desk", _UNROUTED)[0][0],
        "requesters": estate.query("desk", _UNKNOWN)[0][0],
    }
    return {what: waiting for what, waiting in found.items() if waiting}
