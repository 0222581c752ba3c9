"""Every ticket has its clocks once, and what a clock says of itself was told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.estate import Estate

_TARGETS = ("first_response", "resolution")
"""What is due of each ticket once; the next response is due again and again."""
_CLOCKS = """
SELECT c.ticket_id::text, c.target, c.state, c.warned_at IS NOT NULL, c.breached_at IS NOT NULL,
    c.met_told, count(*) FILTER (WHERE o.type LIKE '%%Warned'),
    count(*) FILTER (WHERE o.type LIKE '%%Breached'), count(*) FILTER (WHERE o.type LIKE '%%Met')
FROM clocks c LEFT JOIN outbox o ON o.aggregate_id = c.id
    AND o.type LIKE 'rapport.desk.events.v1.ServiceLevel%%'
WHERE c.tenant_id = %s GROUP BY c.tenant_id, c.id
"""
_TICKETS = "SELECT id::text, resolved_at IS NOT NULL FROM tickets WHERE tenant_id = %s"
_OVERDUE = """
SELECT count(*) FROM clocks WHERE state = 'running' AND breached_at IS NULL
AND due_at < now() - interval '1 second'
"""


class Timed(NamedTuple):
    """A clock, with how often it was told that it warned, broke and was met."""

    ticket_id: str
    target: str
    state: str
    warned: bool
    breached: bool
    met: bool
    told_warned: int = 0
    told_breached: int = 0
    told_met: int = 0


def check_clocks(evidence: Evidence) -> Finding:
    """Compare tickets with their clocks, and these with the facts about them, all as of one moment."""
    estate, tenant_id = evidence.estate, evidence.tenant_id
    clocks = [Timed(*row) for row in estate.query("desk", _CLOCKS, tenant_id)]
    tickets = estate.query("desk", _TICKETS, tenant_id)
    return Finding.of(
        "every ticket is timed once, and every deadline was met or broken once",
        wrong_clocks(tickets, clocks),
        clocks=len(clocks),
        met=sum(one.told_met for one in clocks),
        broken=sum(one.told_breached for one in clocks),
    )


def wrong_clocks(
    tickets: Sequence[tuple[str, bool] | tuple[object, ...]], clocks: Sequence[Timed]
) -> Iterator[str]:
    """What is wrong with the clocks of these tickets, of which is known whether they are resolved."""
    running = Counter((one.ticket_id, one.target) for one in clocks)
    resolved = {ticket_id for ticket_id, is_resolved in tickets if is_resolved}
    for ticket_id, _ in tickets:
        for target in _TARGETS:
            times = running[str(ticket_id), target]
            if times != 1:
                yield f"ticket {ticket_id} has {times} clocks for its {target}"
    for clock in clocks:
        yield from _told(clock)
        if clock.target == "resolution" and (clock.state == "met") != (clock.ticket_id in resolved):
            yield f"the resolution of ticket {clock.ticket_id} is {clock.state}"


def _told(clock: Timed) -> Iterator[str]:
    for what, known, times in (
        ("warned", clock.warned, clock.told_warned),
        ("broken", clock.breached, clock.told_breached),
        ("met", clock.met, clock.told_met),
    ):
        if times != known:
            yield f"the {clock.target} of ticket {clock.ticket_id} was told {times} times to be {what}"


def unbroken(estate: Estate) -> dict[str, int]:
    """How many clocks should have broken by now, under a name; empty when there are none."""
    [(late,)] = estate.query("desk", _OVERDUE)
    return {"clocks": late} if late else {}
