"""When a date of every year comes round for somebody: in their own time zone, leap days and all.

A local time that a change of clocks leaves out is taken as if the clocks had not changed yet, so it
comes as much later as they jump (PEP 495, `fold=0`); a whole day that a zone leaves out, as Apia
did on 30 December 2011, is passed over in the same way. Of a time that comes twice the first counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loyalty.profiles.domain import in_year
from loyalty.programs.domain import LeapDay

FIRST_YEAR, LAST_YEAR = 1900, 9990
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class YearlyDate:
    """A month and a day; `since` is the date from which on it comes round, itself not counted."""

    month: int
    day: int
    since: date | None = None

    def in_year(self, year: int, leap_day: LeapDay) -> date:
        """The date in a year; 29 February as the program has it where there is none."""
        return in_year(date(_LEAP_YEAR, self.month, self.day), year, leap_day)


@dataclass(frozen=True, slots=True)
class When:
    """When an occasion's time is: so many days after the date (before it, below 0), at a local time."""

    offset_days: int
    at: time


@dataclass(frozen=True, slots=True)
class Due:
    """The next time of an occasion: when, and of which year the date is."""

    at: datetime
    year: int


def instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time in UTC."""
    return datetime.combine(on, at, zone).astimezone(UTC)


def next_due(
    dated: YearlyDate, when: When, zone: ZoneInfo, leap_day: LeapDay, after: datetime
) -> Due:
    """The first time after an instant. Raises ValueError where the calendar ends."""
    for due in dues_from(dated, when, zone, leap_day, after.year - 2):
        if due.at > after:
            return due
    raise ValueError("the calendar ends before that")


def dues_from(
    dated: YearlyDate, when: When, zone: ZoneInfo, leap_day: LeapDay, year: int
) -> Iterator[Due]:
    """The times of all years from one on, one after the other."""
    for each in range(max(year, FIRST_YEAR), LAST_YEAR):
        on = dated.in_year(each, leap_day)
        if dated.since is None or on > dated.since:
            yield Due(instant(on + timedelta(days=when.offset_days), when.at, zone), each)
