"""Every write has its fact in the outbox, every fact in the outbox is on the bus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chassis.events.names import event_subjects, stream_name
from tests.reliability.bus import published
from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.estate import Estate
from tests.reliability.faults.facts import is_broken

_OUTBOX = """
SELECT id::text, type, tenant_id::text, aggregate_id::text, aggregate_version,
       published_at IS NOT NULL
FROM outbox ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as its service has stored it."""

    id: str
    type: str
    tenant_id: str
    about: str
    version: int
    marked: bool


def said_by(estate: Estate, service: str) -> list[Told]:
    """All facts of a service, and what it asks others for, of all tenants."""
    return [Told(*row) for row in estate.query(service, _OUTBOX)]


def told_by(estate: Estate, service: str) -> list[Told]:
    """All facts of a service, of all tenants; requests are for those alone whom they ask."""
    ours = event_subjects(service).removesuffix(">")
    return [one for one in said_by(estate, service) if one.type.startswith(ours)]


_PEOPLE = "SELECT id::text, version FROM people WHERE tenant_id = %s"
_INTERACTIONS = "SELECT id::text, 1 FROM interactions WHERE tenant_id = %s"
_TEAMS = "SELECT id::text, version FROM teams WHERE tenant_id = %s"
_ORDERS = "SELECT id::text, version FROM orders WHERE tenant_id = %s"
_ACTIVITIES = "SELECT id::text, version FROM activities WHERE tenant_id = %s"
_KEPT = (
    ("contacts", "rapport.contacts.events.v1.Person", _PEOPLE),
    ("contacts", "rapport.contacts.events.v1.InteractionRecorded", _INTERACTIONS),
    ("identity", "rapport.identity.events.v1.Team", _TEAMS),
    ("sales", "rapport.sales.events.v1.Order", _ORDERS),
    ("sales", "rapport.sales.events.v1.Activity", _ACTIVITIES),
)


def check_facts_told(evidence: Evidence) -> Finding:
    """Each version of each record has exactly one fact, and no fact is about nothing."""
    violations: list[str] = []
    seen = 0
    for service, prefix, statement in _KEPT:
        told = [
            (fact.about, fact.version)
            for fact in told_by(evidence.estate, service)
            if fact.type.startswith(prefix) and fact.tenant_id == evidence.tenant_id
        ]
        kept = evidence.estate.query(service, statement, evidence.tenant_id)
        due = [(record, one) for record, version in kept for one in range(1, version + 1)]
        seen += len(due)
        violations += differences(prefix.rpartition(".")[2], due, told)
    return Finding.of("every change has told one fact", violations, changes=seen)


def differences(
    what: str, due: Sequence[tuple[str, int]], told: Sequence[tuple[str, int]]
) -> Iterator[str]:
    """Where changes and facts, by record and version, are not the same."""
    missing, too_many = Counter(due) - Counter(told), Counter(told) - Counter(due)
    for about, version in missing:
        yield f"version {version} of {what} {about} has told no fact"
    for (about, version), times in too_many.items():
        yield f"{what} {about}: {times} facts too many about version {version}"


def check_facts_published(evidence: Evidence) -> Finding:
    """What is marked as published is in the stream, and nothing waits any more."""
    violations: list[str] = []
    facts = messages = 0
    for service in evidence.estate.public:
        told = said_by(evidence.estate, service)
        stream = [m for m in published(evidence.estate, stream_name(service)) if not is_broken(m)]
        facts, messages = facts + len(told), messages + len(stream)
        violations += [
            f"{service}: {what}" for what in unpublished(told, [one.fact_id for one in stream])
        ]
    return Finding.of("every fact is on the bus", violations, facts=facts, messages=messages)


def unpublished(told: Sequence[Told], on_the_bus: Sequence[str]) -> Iterator[str]:
    """Where an outbox and a stream do not agree. That a fact is told more than once is allowed."""
    known = set(on_the_bus)
    for fact in told:
        if not fact.marked:
            yield f"{fact.type} {fact.id} waits in the outbox"
        elif fact.id not in known:
            yield f"{fact.type} {fact.id} is marked as published and is not on the bus"
    for stranger in known - {fact.id for fact in told}:
        yield f"the fact {stranger} is on the bus and in no outbox"
