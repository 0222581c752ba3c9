"""Orders what was found: names before numbers before addresses, whole words before beginnings, typed before corrected."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from contacts.search.plan import SearchPlan
from contacts.search.terms import Kind

_POINTS = {
    Kind.NAME: 40,
    Kind.KEY_PHONE: 30,
    Kind.PHONE_END: 28,
    Kind.KEY_EMAIL: 25,
    Kind.MAIL: 20,
}
_WHOLE = 40
_WHOLE_WORDS = 25
_FRONT = 12
_CORRECTED = -30
_LONGEST_PENALTY = 9


class Hit(NamedTuple):
    """One row that a look-up found: the term (or key) as it is stored."""

    record_id: UUID
    kind: Kind
    term: str


class Ranked(NamedTuple):
    """A record with its best hit; more points are better."""

    record_id: UUID
    points: int
    kind: Kind
    term: str


def rank(
    plans: Sequence[SearchPlan], hits: Iterable[Hit], best: dict[UUID, Ranked] | None = None
) -> dict[UUID, Ranked]:
    """The best hit of each record; pass an earlier answer as `best` to add to it.

    The plans are one as it was typed, or all those of a correction.
    """
    found = {} if best is None else best
    asked = _asked(plans)
    less = _CORRECTED if any(plan.is_corrected for plan in plans) else 0
    for hit in hits:
        points = _points(asked, hit) + less
        known = found.get(hit.record_id)
        if known is None or points > known.points:
            found[hit.record_id] = Ranked(hit.record_id, points, hit.kind, hit.term)
    return found


def in_order(best: dict[UUID, Ranked]) -> list[Ranked]:
    """The best first; among equals the alphabet decides and then the id, so that the order is the same every time."""
    return sorted(best.values(), key=lambda ranked: (-ranked.points, ranked.term, ranked.record_id))


def _asked(plans: Sequence[SearchPlan]) -> dict[Kind, list[str]]:
    """What a term of each kind would have to begin with to be a match of the whole text."""
    by_kind: dict[Kind, list[str]] = {}
    for plan in plans:
        for ranges in (*plan.marks, plan.direct):
            for kind, low, _ in ranges:
                by_kind.setdefault(kind, []).append(low)
        if plan.words:
            by_kind.setdefault(Kind.NAME, []).append(Kind.NAME.value + plan.phrase)
    return by_kind


def _points(asked: dict[Kind, list[str]], hit: Hit) -> int:
    points = _POINTS[hit.kind]
    low = max(
        (low for low in asked.get(hit.kind, ()) if hit.term.startswith(low)), key=len, default=""
    )
    if not low:
        return points
    rest = hit.term[len(low) :]
    if not rest:
        return points + _WHOLE
    points += _WHOLE_WORDS if rest.startswith(" ") else _FRONT
    return points - min(_LONGEST_PENALTY, len(rest) // 2)
