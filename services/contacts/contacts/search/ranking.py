"""Orders what was found: names before companies before addresses, whole words before beginnings, typed before corrected."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from contacts.search.plan import SearchPlan
from contacts.search.terms import PART, Kind

_POINTS = {
    Kind.NAME: 40,
    Kind.KEY_PHONE: 30,
    Kind.PHONE_END: 28,
    Kind.KEY_EMAIL: 25,
    Kind.MAIL: 20,
    Kind.EMPLOYER: 10,
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
    plan: SearchPlan, hits: Iterable[Hit], best: dict[UUID, Ranked] | None = None
) -> dict[UUID, Ranked]:
    """The best hit of each record; pass the answer of an earlier plan as `best` to add to it."""
    found = {} if best is None else best
    asked = _asked(plan)
    for hit in hits:
        points = _points(asked, hit, is_corrected=plan.is_corrected)
        known = found.get(hit.record_id)
        if known is None or points > known.points:
            found[hit.record_id] = Ranked(hit.record_id, points, hit.kind, hit.term)
    return found


def in_order(best: dict[UUID, Ranked]) -> list[Ranked]:
    """The best first; among equals the alphabet decides and then the id, so that the order is the same every time."""
    return sorted(best.values(), key=lambda ranked: (-ranked.points, ranked.term, ranked.record_id))


def _asked(plan: SearchPlan) -> dict[Kind, list[str]]:
    """What a term of each kind would have to begin with to be a match of the whole text."""
    by_kind: dict[Kind, list[str]] = {}
    for ranges in (*plan.marks, plan.direct):
        for kind, low, _ in ranges:
            by_kind.setdefault(kind, []).append(low)
    if plan.words:
        for kind in (Kind.NAME, Kind.EMPLOYER):
            by_kind.setdefault(kind, []).append(kind.value + plan.phrase)
    return by_kind


def _points(asked: dict[Kind, list[str]], hit: Hit, *, is_corrected: bool) -> int:
    points = _POINTS[hit.kind] + (_CORRECTED if is_corrected else 0)
    low = max(
        (low for low in asked.get(hit.kind, ()) if hit.term.startswith(low)), key=len, default=""
    )
    if not low:
        return points
    rest = hit.term[len(low) :]
    if not rest or rest.startswith(PART):
        return points + _WHOLE
    points += _WHOLE_WORDS if rest.startswith(" ") else _FRONT
    return points - min(_LONGEST_PENALTY, len(rest.partition(PART)[0]) // 2)
