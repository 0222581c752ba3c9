"""Retention counted the plain way from lists of purchases, to compare with: no signs, no tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

Bought = Mapping[UUID, Sequence[datetime]]
"""When people have bought."""


@dataclass(frozen=True, slots=True)
class Plainly:
    """People, and the span after which a customer is lost."""

    bought: Bought
    lapse: timedelta
    zone: ZoneInfo

    def customers_at(self, at: datetime) -> set[UUID]:
        """Who has bought shortly enough before."""
        return {
            person
            for person, times in self.bought.items()
            if any(time < at < time + self.lapse for time in times)
        }

    def rate(self, begins_at: datetime, until: datetime) -> dict[str, Any]:
        """The figures of a period."""
        start, end = self.customers_at(begins_at), self.customers_at(until)
        firsts = {person: min(times) for person, times in self.bought.items()}
        new = {person for person, first in firsts.items() if begins_at <= first < until}
        back = {
            person
            for person, times in self.bought.items()
            if person not in start
            and person not in new
            and firsts[person] < begins_at
            and any(begins_at <= time < until for time in times)
        }
        return {
            "customers_at_start": len(start),
            "lost": len(start - end),
            "retained": len(start & end),
            "new": len(new),
            "returned": len(back),
            "customers_at_end": len(end),
        }

    def cohorts(self) -> dict[tuple[str, int], int]:
        """How many of those who first bought in a month bought so many months later."""
        found: dict[tuple[str, int], int] = {}
        for times in self.bought.values():
            months = {self._month(time) for time in times}
            first = min(months)
            for month in months:
                key = f"{first // 12:04}-{first % 12 + 1:02}", month - first
                found[key] = found.get(key, 0) + 1
        return found

    def cycle_days(self) -> float:
        """The median of days between purchases on different days, over all people."""
        gaps = []
        for times in self.bought.values():
            days: list[date] = sorted({time.astimezone(self.zone).date() for time in times})
            gaps += [(days[n + 1] - days[n]).days for n in range(len(days) - 1)]
        return median(gaps)

    def _month(self, time: datetime) -> int:
        local = time.astimezone(self.zone)
        return local.year * 12 + local.month - 1
