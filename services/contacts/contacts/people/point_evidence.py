"""When each of a person's contact points was last entered or proven, beside the details that have them.

What is not noted is as old as the person. A point is entered when it comes anew, when it takes messages
again, or when somebody has proven it; a merge hands down what was noted of whoever is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contacts.contact_points.reaching import ContactPoint, Reachable, points_of
from contacts.people.domain import PersonDetails

Evidence = Mapping[str, str]
"""Times in ISO 8601, by what `name_of` calls the points."""


@dataclass(frozen=True, slots=True)
class KnownPoints:
    """A person's contact points as they were read, or last stored."""

    details: PersonDetails
    created_at: datetime
    evidence: Evidence = field(default_factory=dict)

    def time_of(self, name: str) -> str:
        """When a point was last entered or proven."""
        return self.evidence.get(name) or self.created_at.isoformat()


def name_of(point: ContactPoint) -> str:
    """What a point is called among those of one person."""
    return f"{point.kind}:{point.key}"


def is_reachable(details: PersonDetails) -> bool:
    """Whether something may still reach somebody, be it a letter."""
    return bool(details.postal_addresses) or any(point.serves for point in points_of(details))


def evidence_after(
    before: KnownPoints,
    details: PersonDetails,
    gone: Iterable[KnownPoints],
    proven: Collection[str],
    now: datetime,
) -> Evidence:
    """What is noted once the person has these details.

    `gone` are those who were merged into the person by this, `proven` the names of points that turned
    out to be right.
    """
    served = {name_of(point): point.serves for point in points_of(before.details)}
    handed_down = _latest(gone)
    found: dict[str, str] = {}
    for point in points_of(details):
        name = name_of(point)
        if name in proven:
            found[name] = now.isoformat()
        elif name not in served:
            found[name] = handed_down.get(name) or now.isoformat()
        elif point.serves and not served[name]:
            found[name] = now.isoformat()
        elif name in before.evidence:
            found[name] = before.evidence[name]
    return found


def _latest(people: Iterable[KnownPoints]) -> dict[str, str]:
    latest: dict[str, str] = {}
    for known in people:
        points: Reachable = known.details
        for name in map(name_of, points_of(points)):
            latest[name] = max(latest.get(name, ""), known.time_of(name))
    return latest
