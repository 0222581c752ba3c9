"""Judges what happened once more, with a rule that was not there: what it would have given."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from loyalty.earning.judging import Judgement, Used, judge
from loyalty.earning_terms.domain import RuleInForce
from loyalty.happenings.domain import Happening
from loyalty.happenings.vocabulary import Standing

CANDIDATE = UUID(int=0)
"""The id of a rule that is tried and has none yet; of equal rules it comes first."""


@dataclass(slots=True)
class Given:
    """What rules gave members so far, by day: what caps look at."""

    _days: dict[tuple[UUID, UUID], dict[date, Used]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def note(self, member_id: UUID, judged: Sequence[Judgement], day: date) -> None:
        """Add what was given."""
        for one in judged:
            if one.points:
                days = self._days[member_id, one.rule.rule_id]
                before = days.get(day, Used())
                days[day] = Used(before.points + one.points, before.times + 1)

    def uses(self, member_id: UUID) -> Callable[[UUID, date, date], Used]:
        """What was used of a rule by a member."""

        def used(rule_id: UUID, first: date, last: date) -> Used:
            days = self._days.get((member_id, rule_id), {})
            given = [one for day, one in days.items() if first <= day <= last]
            return Used(sum(one.points for one in given), sum(one.times for one in given))

        return used


@dataclass(slots=True)
class Month:
    """What came of a month."""

    points: int = 0
    before: int = 0
    after: int = 0
    members: set[UUID] = field(default_factory=set)


@dataclass(slots=True)
class Simulation:
    """A rule that is tried on what happened, one happening of a member after the other, by time."""

    candidate: RuleInForce
    clock: ZoneInfo
    happenings: int = 0
    members: set[UUID] = field(default_factory=set)
    points: Counter[UUID] = field(default_factory=Counter)
    times: Counter[UUID] = field(default_factory=Counter)
    months: dict[str, Month] = field(default_factory=lambda: defaultdict(Month))
    reasons: Counter[str] = field(default_factory=Counter)
    _before: Given = field(default_factory=Given)
    _after: Given = field(default_factory=Given)

    def add(
        self, happening: Happening, standing: Standing, in_force: Sequence[RuleInForce]
    ) -> None:
        """Judge a happening by the rules that were in force, and by those with the one that is tried."""
        member_id = standing.member_id
        day = happening.judged_at.astimezone(standing.zone).date()
        before = judge(happening, standing, in_force, self._before.uses(member_id))
        others = [rule for rule in in_force if rule.rule_id != self.candidate.rule_id]
        with_it = [*others, self.candidate]
        after = judge(happening, standing, with_it, self._after.uses(member_id))
        self._before.note(member_id, before, day)
        self._after.note(member_id, after, day)
        tried = after[-1]
        self.happenings += 1
        self.members.add(member_id)
        month = self.months[_month(happening.judged_at, self.clock)]
        month.before += sum(one.points for one in before)
        month.after += sum(one.points for one in after)
        if not tried.points:
            self.reasons[tried.reason] += 1
            return
        month.points += tried.points
        month.members.add(member_id)
        self.points[member_id] += tried.points
        self.times[member_id] += 1

    def top(self, how_many: int) -> Sequence[UUID]:
        """The members who would have got most, those with the same by their ids."""
        return sorted(self.points, key=lambda one: (-self.points[one], one))[:how_many]


def _month(at: datetime, clock: ZoneInfo) -> str:
    return f"{at.astimezone(clock):%Y-%m}"
