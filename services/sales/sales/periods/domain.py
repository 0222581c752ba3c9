"""Spans of days that figures are told for: years, quarters, months, and any other from day to day.

Days are those of UTC, as everywhere in sales. A period is written "2026", "2026-Q2", "2026-03", or
with both of its days "2026-04-01..2027-03-31", which is how a year that begins in April is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from chassis.domain import Invalid

LONGEST = timedelta(days=366)
"""No period has more days than a leap year."""
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""Days beyond them would leave the calendar when they are reckoned with."""

_DAY = timedelta(days=1)
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


class PeriodLength(StrEnum):
    """The lengths of the calendar."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months that is."""
        return {"month": 1, "quarter": 3, "year": 12}[self]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """All days from the first to the last, both included."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that a text names. Raises `Invalid` for one that names none."""
        try:
            found = _parsed(text)
        except ValueError:
            found = None
        if found is None or not found.is_reckonable:
            raise Invalid.at(
                "/period",
                "period_unknown",
                f"{text!r} is no period: 2026, 2026-Q2, 2026-03 and 2026-04-01..2027-03-31 are;"
                f" the longest has {LONGEST.days} days.",
            )
        return found

    @classmethod
    def containing(cls, day: date, length: PeriodLength) -> Period:
        """The month, quarter or year of the calendar that a day is in."""
        first = (day.month - 1) // length.months * length.months + 1
        return _months(day.year, first, length.months)

    @property
    def is_reckonable(self) -> bool:
        """Whether it is not too long, and far enough from both ends of the calendar to reckon with."""
        return (
            timedelta(0) <= self.last - self.first < LONGEST
            and self.first >= EARLIEST
            and self.last <= LATEST
        )

    @property
    def length(self) -> PeriodLength | None:
        """Which length of the calendar it has; None for one from any day to any other."""
        for length in PeriodLength:
            if Period.containing(self.first, length) == self:
                return length
        return None

    @property
    def name(self) -> str:
        """How it is written; `parse` reads it back."""
        match self.length:
            case PeriodLength.YEAR:
                return f"{self.first.year:04}"
            case PeriodLength.QUARTER:
                return f"{self.first.year:04}-Q{(self.first.month + 2) // 3}"
            case PeriodLength.MONTH:
                return f"{self.first.year:04}-{self.first.month:02}"
            case None:
                return f"{self.first.isoformat()}..{self.last.isoformat()}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def begins_at(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time.min, UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment that it does not have any more."""
        return datetime.combine(self.last, time.min, UTC) + _DAY

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def following(self) -> Period:
        """The next one of the same length."""
        length, first = self.length, self.last + _DAY
        if length is None:
            return Period(first, first + (self.last - self.first))
        return Period.containing(first, length)


def _parsed(text: str) -> Period | None:
    if found := _YEAR.fullmatch(text):
        return _months(int(found[1]), 1, 12)
    if found := _QUARTER.fullmatch(text):
        return _months(int(found[1]), int(found[2]) * 3 - 2, 3)
    if found := _MONTH.fullmatch(text):
        return _months(int(found[1]), int(found[2]), 1)
    if found := _DAYS.fullmatch(text):
        return Period(date.fromisoformat(found[1]), date.fromisoformat(found[2]))
    return None


def _months(year: int, month: int, months: int) -> Period:
    after = month - 1 + months
    end = date(year + after // 12, after % 12 + 1, 1)
    return Period(date(year, month, 1), end - _DAY)
