"""Every timer has fired once: what somebody wanted to be reminded of was told once, and when due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.facts import told_by
from tests.reliability.checks.writes import Record, Records, by_mark, creation, items
from tests.reliability.estate import Estate
from tests.reliability.ledger import Kind, Write
from tests.reliability.selling import ACTIVITIES

_REACHED = "rapport.sales.events.v1.ActivityReminderReached"
_WAITING = "SELECT count(*) FROM timers WHERE kind = 'activity_reminder'"


def check_reminders(evidence: Evidence) -> Finding:
    """Compare the books with the activities and with what was told about them."""
    told = Counter(
        fact.about
        for fact in told_by(evidence.estate, "sales")
        if fact.type == _REACHED and fact.tenant_id == evidence.tenant_id
    )
    stored = by_mark((one["subject"], one) for one in items(evidence.client, ACTIVITIES))
    writes = list(evidence.ledger.of_kind(Kind.PLAN_REMINDER))
    return Finding.of(
        "every timer has fired once",
        wrong_reminders(writes, stored, told),
        timers=len(stored),
        fired=told.total(),
    )


def wrong_reminders(
    writes: Sequence[Write], stored: Records, told: Mapping[str, int]
) -> Iterator[str]:
    """What is wrong with these activities, of which so many reminders were told by their ids."""
    for write in writes:
        yield from creation(write, stored.get(write.mark, ()))
    for mark, activities in stored.items():
        for one in activities:
            yield from _fired(mark, one, told.get(one["id"], 0))


def _fired(mark: str, activity: Record, times: int) -> Iterator[str]:
    if times != 1:
        yield f"the reminder of {mark} was told {times} times"
    if activity["reminded_at"] is None:
        yield f"{mark} does not know that its reminder was told"
    elif activity["reminded_at"] < activity["remind_at"]:
        yield f"{mark} was reminded of too early: {activity['reminded_at']}"


def unreminded(estate: Estate) -> dict[str, int]:
    """How many reminders have still to be told, under a name; empty when there are none."""
    [(waiting,)] = estate.query("sales", _WAITING)
    return {"reminders": waiting} if waiting else {}
