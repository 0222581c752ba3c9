"""No good fact was given up: dead letters are those that were broken on purpose, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chassis.events.names import DEAD_STREAM, stream_name
from tests.reliability.bus import Published, published
from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.faults.facts import is_broken


def check_dead_letters(evidence: Evidence) -> Finding:
    """Compare the dead letters with what was broken."""
    estate = evidence.estate
    dead = published(estate, DEAD_STREAM)
    broken = [
        message
        for service in estate.public
        for message in published(estate, stream_name(service))
        if is_broken(message)
    ]
    return Finding.of(
        "no good fact was given up", good_ones(dead), broken=len(broken), dead_letters=len(dead)
    )


def good_ones(dead: Sequence[Published]) -> Iterator[str]:
    """Dead letters that nobody has broken."""
    for letter in dead:
        if not is_broken(letter):
            yield f"{letter.subject} {letter.fact_id}: {letter.headers}"
