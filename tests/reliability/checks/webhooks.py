"""What an app was told by webhook, without repetitions, is what has happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.facts import told_by


def check_webhooks(evidence: Evidence) -> Finding:
    """Compare the deliveries with the facts of contacts."""
    due = [
        fact.id
        for fact in told_by(evidence.estate, "contacts")
        if fact.tenant_id == evidence.tenant_id
    ]
    assert evidence.hook is not None
    told = evidence.hook.told
    violations = [
        *wrong_deliveries(due, told),
        *(f"the delivery of {one} is not signed" for one in evidence.hook.forged),
    ]
    return Finding.of(
        "webhooks have told each fact", violations, facts=len(due), deliveries=len(told)
    )


def wrong_deliveries(due: Sequence[str], told: Sequence[str]) -> Iterator[str]:
    """Facts that were not delivered, and deliveries of none; that one comes twice is allowed."""
    for fact in sorted(set(due) - set(told)):
        yield f"the fact {fact} was never delivered"
    for stranger in sorted(set(told) - set(due)):
        yield f"{stranger} was delivered and is no fact"
