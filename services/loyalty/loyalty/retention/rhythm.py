"""How somebody buys of each category, and in how many days they are expected to buy of it again.

A rhythm is kept as counts, so that a purchase that comes after all others adds to it without a look
at those: how many there were, the last of them, and how often so many days lay between two. Several
purchases on one day of the zone are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from loyalty.retention.domain import Rules

OVERALL = ""
"""Stands for all categories together, and for purchases without one."""


class CycleSource(StrEnum):
    """Where an expected cycle comes from; the first that there is counts."""

    OWN = "own"
    GIVEN = "given"
    ESTIMATED = "estimated"
    ESTIMATED_OVERALL = "estimated_overall"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Purchase:
    """One that counts; `amount` is what was delivered less what was paid back."""

    at: datetime
    amount: Decimal
    currency: str
    categories: frozenset[str]

    @property
    def counted_in(self) -> frozenset[str]:
        """The categories whose rhythm it is part of: `OVERALL` for one without any."""
        return self.categories or frozenset({OVERALL})


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many days lie between purchases of a category, as the median, and how many people show it."""

    days: int
    buyers: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """In how many days a purchase of a category is expected, and who says so."""

    category: str
    days: int
    source: CycleSource


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How somebody buys of a category; `gaps` says how often so many days lay between purchases."""

    purchases: int
    last_bought_at: datetime
    last_on: date
    gaps: Mapping[int, int] = field(default_factory=dict)

    def and_then(self, at: datetime, zone: ZoneInfo) -> Rhythm | None:
        """With a purchase that comes after all others; None for one on a day before the last."""
        day = at.astimezone(zone).date()
        if at < self.last_bought_at or day < self.last_on:
            return None
        gaps = dict(self.gaps)
        days = (day - self.last_on).days
        if days:
            gaps[days] = gaps.get(days, 0) + 1
        return Rhythm(self.purchases + 1, at, day, gaps)

    @property
    def days(self) -> int:
        """On how many days they bought of it."""
        return sum(self.gaps.values()) + 1

    @property
    def every_days(self) -> int | None:
        """The median of the days between; None for who bought on one day only."""
        count = sum(self.gaps.values())
        if not count:
            return None
        return whole_days(Decimal(self._gap((count - 1) // 2) + self._gap(count // 2)) / 2)

    def _gap(self, place: int) -> int:
        """The gap at a place, the shortest first."""
        for days in sorted(self.gaps):
            place -= self.gaps[days]
            if place < 0:
                return days
        raise IndexError(place)


def rhythms_of(purchases: Iterable[Purchase], zone: ZoneInfo) -> dict[str, Rhythm]:
    """How somebody buys, by category, from all of their purchases in any order."""
    moments: dict[str, list[datetime]] = {}
    for one in purchases:
        for category in one.counted_in:
            moments.setdefault(category, []).append(one.at)
    return {category: _rhythm(sorted(times), zone) for category, times in moments.items()}


def main_category(rhythms: Mapping[str, Rhythm]) -> str:
    """The category in most of the purchases; of several the one bought last, then by name."""
    named = [category for category in rhythms if category != OVERALL] or [OVERALL]

    def rank(category: str) -> tuple[int, float]:
        one = rhythms[category]
        return -one.purchases, -one.last_bought_at.timestamp()

    return min(sorted(named), key=rank)


def cycle_of(
    category: str,
    rhythm: Rhythm | None,
    rules: Rules,
    estimates: Mapping[str, Estimate],
) -> Cycle:
    """In how many days a customer with this rhythm is expected to buy of a category again."""
    own, least = None if rhythm is None else rhythm.every_days, rules.own_from_purchases
    if rhythm is not None and own is not None and least is not None and rhythm.days >= least:
        return Cycle(category, own, CycleSource.OWN)
    if category in rules.cycles:
        return Cycle(category, rules.cycles[category], CycleSource.GIVEN)
    if category in estimates and category != OVERALL:
        return Cycle(category, estimates[category].days, CycleSource.ESTIMATED)
    if OVERALL in estimates:
        return Cycle(category, estimates[OVERALL].days, CycleSource.ESTIMATED_OVERALL)
    return Cycle(category, rules.default_cycle_days, CycleSource.DEFAULT)


def whole_days(days: float | Decimal) -> int:
    """Days as cycles count them: whole, half up, at least one."""
    return max(1, int(Decimal(str(days)).quantize(Decimal(1), ROUND_HALF_UP)))


def _rhythm(moments: Sequence[datetime], zone: ZoneInfo) -> Rhythm:
    days = sorted({at.astimezone(zone).date() for at in moments})
    gaps: dict[int, int] = {}
    for before, after in pairwise(days):
        gap = (after - before).days
        gaps[gap] = gaps.get(gap, 0) + 1
    return Rhythm(len(moments), moments[-1], days[-1], gaps)
