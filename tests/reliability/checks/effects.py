"""Every fact has had its effect exactly once: in the witness, which counts them, and in projections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.facts import Told, told_by

_COUNTED = "SELECT event_id::text, times FROM effects"


def check_effects(evidence: Evidence) -> Finding:
    """What the witness has counted is one for each fact of every service."""
    estate = evidence.estate
    told = [fact for service in estate.public for fact in told_by(estate, service)]
    counted = dict(estate.query("witness", _COUNTED))
    times = sum(counted.values())
    return Finding.of(
        "every fact has had its effect once",
        wrong_effects(told, counted),
        facts=len(told),
        effects=times,
    )


def wrong_effects(told: Sequence[Told], counted: Mapping[str, int]) -> Iterator[str]:
    """Facts without an effect, and with more than one."""
    for fact in told:
        times = counted.get(fact.id, 0)
        if times != 1:
            yield f"{fact.type} {fact.id} has had its effect {times} times"


_SEEN = """
SELECT person_id::text, channel, interaction_id::text, seen_at
FROM signs_of_life WHERE tenant_id = %s
"""
_DUE = """
SELECT DISTINCT ON (person_id, channel) person_id::text, channel, id::text, occurred_at
FROM interactions WHERE tenant_id = %s
ORDER BY person_id, channel, occurred_at DESC, id DESC
"""


def check_signs_of_life(evidence: Evidence) -> Finding:
    """Contacts' own projection says of each person and channel what the last interaction was."""
    rows = {
        what: set(evidence.estate.query("contacts", statement, evidence.tenant_id))
        for what, statement in (("seen", _SEEN), ("due", _DUE))
    }
    violations = [
        *(f"not noted: {row}" for row in sorted(rows["due"] - rows["seen"])),
        *(f"noted wrongly: {row}" for row in sorted(rows["seen"] - rows["due"])),
    ]
    return Finding.of(
        "the last sign of life of everybody is known", violations, signs=len(rows["due"])
    )
