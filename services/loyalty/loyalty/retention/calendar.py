"""Months, quarters and years of the calendar, in the tenant's zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from chassis.domain import Invalid

EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)


class Length(StrEnum):
    """How long periods are."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months that is."""
        return {"month": 1, "quarter": 3, "year": 12}[self]


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `first_on` to the first of `next_on`, in a zone."""

    name: str
    first_on: date
    next_on: date
    zone: ZoneInfo

    @property
    def begins_at(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first_on, time.min, self.zone).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.next_on, time.min, self.zone).astimezone(UTC)


def periods_of(
    length: Length, first_on: date, last_on: date, zone: ZoneInfo, most: int
) -> Sequence[Period]:
    """The periods that have any of these days, at most `most`. Raises `Invalid`."""
    if not EARLIEST <= first_on <= last_on <= LATEST:
        message = f"Days from {EARLIEST} to {LATEST} are reckoned with, the first before the last."
        raise Invalid.at("last_on", "days_impossible", message)
    number = _number(first_on, length)
    last = _number(last_on, length)
    if last - number >= most:
        raise Invalid.at("last_on", "periods_too_many", f"At most {most} periods are told at once.")
    return [_period(length, each, zone) for each in range(number, last + 1)]


def month_after(day: date, months: int) -> date:
    """The first day of the month that comes so many after a day's."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _number(day: date, length: Length) -> int:
    return (day.year * 12 + day.month - 1) // length.months


def _period(length: Length, number: int, zone: ZoneInfo) -> Period:
    first = number * length.months
    year, month = divmod(first, 12)
    first_on = date(year, month + 1, 1)
    names = {
        Length.MONTH: f"{year:04}-{month + 1:02}",
        Length.QUARTER: f"{year:04}-Q{month // 3 + 1}",
        Length.YEAR: f"{year:04}",
    }
    return Period(names[length], first_on, month_after(first_on, length.months), zone)
