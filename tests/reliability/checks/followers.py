"""Whoever keeps facts has kept each of them once: the audit log, timelines, the feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from contacts.timeline.entries import timeline_facts
from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.facts import told_by

_AUDITED = "SELECT id::text FROM audit_entries WHERE tenant_id = %s"
_CHAIN = """
SELECT number FROM (
    SELECT number, previous_hash, lag(hash) OVER (ORDER BY number) AS before,
           lag(number) OVER (ORDER BY number) AS earlier
    FROM audit_entries WHERE tenant_id = %s
) AS linked
WHERE number > 1 AND (before IS DISTINCT FROM previous_hash OR earlier IS DISTINCT FROM number - 1)
"""
_ON_TIMELINES = "SELECT id::text FROM timeline_entries WHERE tenant_id = %s"
_IN_FEED = "SELECT id::text FROM feed_facts WHERE tenant_id = %s"
_POSITIONS = "SELECT count(*) - count(DISTINCT position) FROM feed_facts WHERE tenant_id = %s"


def check_audit(evidence: Evidence) -> Finding:
    """The audit log has one entry for each fact, in an unbroken chain."""
    kept = _ids(evidence, "identity", _AUDITED)
    broken = evidence.estate.query("identity", _CHAIN, evidence.tenant_id)
    due = _told(evidence)
    violations = [*not_once(due, kept), *(f"the chain breaks at entry {n}" for (n,) in broken)]
    return Finding.of(
        "the audit log has each fact once", violations, facts=len(due), entries=len(kept)
    )


def check_timelines(evidence: Evidence) -> Finding:
    """The timelines have one entry for each fact that belongs on one."""
    types = [kind.DESCRIPTOR.full_name for kind in timeline_facts("contacts")]
    due = _told(evidence, types)
    kept = _ids(evidence, "contacts", _ON_TIMELINES)
    return Finding.of(
        "timelines have each fact once", not_once(due, kept), facts=len(due), entries=len(kept)
    )


def check_feed(evidence: Evidence) -> Finding:
    """The feed has each fact once, at a position of its own."""
    due, kept = _told(evidence), _ids(evidence, "notifications", _IN_FEED)
    [(shared,)] = evidence.estate.query("notifications", _POSITIONS, evidence.tenant_id)
    violations = [*not_once(due, kept), *([f"{shared} shared positions"] if shared else [])]
    return Finding.of("the feed has each fact once", violations, facts=len(due), kept=len(kept))


def not_once(due: Sequence[str], kept: Iterable[str]) -> Iterator[str]:
    """Facts that were not kept, and those kept more than once."""
    times = Counter(kept)
    for fact in due:
        if times[fact] != 1:
            yield f"the fact {fact} was kept {times[fact]} times"


def _told(evidence: Evidence, types: Sequence[str] = ()) -> list[str]:
    """The run's own facts; of some types, or all."""
    return [
        fact.id
        for service in evidence.estate.public
        for fact in told_by(evidence.estate, service)
        if fact.tenant_id == evidence.tenant_id and (not types or fact.type in types)
    ]


def _ids(evidence: Evidence, service: str, statement: str) -> list[str]:
    return [row[0] for row in evidence.estate.query(service, statement, evidence.tenant_id)]
