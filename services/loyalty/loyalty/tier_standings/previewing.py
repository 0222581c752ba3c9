"""Tells what a change of tiers would mean to members, at once or some at a time; writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.domain import Invalid, NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.members.queries import member_ref
from loyalty.profiles.queries import zone_of
from loyalty.programs.queries import program
from loyalty.qualifying.counting import contributions
from loyalty.qualifying.domain import counted_since, reckon
from loyalty.tier_standings.domain import MoveCause, Review
from loyalty.tier_standings.queries import standing_now
from loyalty.tiers.domain import TierTerms, as_if_changed
from loyalty.tiers.queries import scheme_or_none

MOST_AT_ONCE = 500
"""So many members are looked at while the caller waits: some milliseconds each."""

Step = tuple[str | None, str | None]
DEFINITIONS = {
    "members": "Members of the program who were not merged into another.",
    "moves": "Who would be in another tier right after the change.",
    "falls": "Who would not have enough for the tier that they are in, and would lose it when the"
    " patience that the terms have with them is over.",
}


@dataclass(slots=True)
class Preview:
    """What a change would mean to the members that were looked at."""

    terms: TierTerms
    revision: int
    members: int = 0
    moves: Counter[Step] = field(default_factory=Counter)
    falls: Counter[Step] = field(default_factory=Counter)

    def take(self, reading: Reading, ids: Sequence[UUID]) -> None:
        """Look at some members as they would be looked at after the change."""
        for member_id in ids:
            self._take(reading, member_id)

    def shown(self) -> dict[str, Any]:
        """What came of it."""
        return {
            "members": self.members,
            "unchanged": self.members - self.moves.total(),
            "moves": _steps(self.moves),
            "falls": _steps(self.falls),
            "definitions": DEFINITIONS,
        }

    def _take(self, reading: Reading, member_id: UUID) -> None:
        member, now = member_ref(reading, member_id), reading.clock.now()
        standing, zone = standing_now(reading, member), zone_of(reading, member)
        currency = program(reading, member.program_id).terms.currency
        since = counted_since(self.terms, now, zone)
        given = contributions(reading, member, self.terms.by, currency, since)
        reckoning = reckon(self.terms, given, now, zone)
        before, cause = standing.tier, MoveCause.TERMS_CHANGED
        look = Review(self.terms, self.revision, reckoning, zone, now, cause, member.person_id)
        standing.review(look)  # of a copy that nobody keeps
        self.members += 1
        if standing.tier != before:
            self.moves[before, standing.tier] += 1
        if standing.loses_at is not None:
            left = self.terms.key_at(self.terms.reached_by(reckoning.holds))
            self.falls[standing.earned, left] += 1


def preview(reading: Reading | UnitOfWork, program_id: UUID, terms: TierTerms) -> Preview:
    """The beginning of a look at a change. Raises `NotFound`, `Invalid`."""
    program(reading, program_id)
    scheme = scheme_or_none(reading, program_id)
    if scheme is None:
        return Preview(as_if_changed(None, terms), 1)
    changed = as_if_changed(scheme.terms, terms)
    return Preview(changed, scheme.revision + (changed != scheme.terms))


def preview_at_once(reading: Reading, program_id: UUID, terms: TierTerms) -> dict[str, Any]:
    """What a change would mean. Raises `NotFound`, `Invalid` for too many members."""
    found = preview(reading, program_id, terms)
    ids = members_after(reading, program_id, None, MOST_AT_ONCE + 1)
    if len(ids) > MOST_AT_ONCE:
        message = f"The program has more than {MOST_AT_ONCE} members: have a job look at them."
        raise Invalid.at("/tiers", "members_too_many", message)
    found.take(reading, ids)
    return found.shown()


def members_after(
    reading: Reading, program_id: UUID, after: UUID | None, limit: int
) -> Sequence[UUID]:
    """The next members of a program, in the order of their ids."""
    about = {"tenant_id": reading.caller.tenant_id, "program_id": program_id}
    rows = reading.fetch_all(_MEMBERS, {**about, "after": after or UUID(int=0), "limit": limit})
    return [row["id"] for row in rows]


def count_members(reading: Reading, program_id: UUID) -> int:
    """How many members are looked at."""
    about = {"tenant_id": reading.caller.tenant_id, "program_id": program_id}
    row = reading.fetch_one(_COUNT, about)
    if row is None:
        raise NotFound.of("program", program_id)
    return int(row["members"])


def _steps(counted: Counter[Step]) -> list[dict[str, Any]]:
    def place(step: Step) -> tuple[str, str]:
        return step[0] or "", step[1] or ""

    return [
        {"before": step[0], "after": step[1], "members": counted[step]}
        for step in sorted(counted, key=place)
    ]


_OF_PROGRAM = (
    " FROM members WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s"
    " AND status <> 'merged'"
)
_MEMBERS = Statement(f"SELECT id{_OF_PROGRAM} AND id > %(after)s ORDER BY id LIMIT %(limit)s")
_COUNT = Statement(f"SELECT count(*) AS members{_OF_PROGRAM}")
