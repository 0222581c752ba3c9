"""What loyalty needs to know of a member's person: by which clock they live, and their days."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from loyalty.programs.domain import LeapDay

BIRTHDAY = "birthday"
WEDDING = "wedding"
MATTERING = frozenset({"language", "time_zone", "important_dates"})
"""The fields of a person, as contacts names them, that a profile is made of."""


@dataclass(frozen=True, slots=True)
class ImportantDay:
    """A day that matters every year; `first` is the first such day, that of a birth, say."""

    kind: str
    first: date


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person, and since when. What is not known is empty."""

    person_id: UUID
    language: str = ""
    time_zone: str = ""
    days: tuple[ImportantDay, ...] = ()
    known_at: datetime | None = None

    def day(self, kind: str) -> date | None:
        """The first of the days of this kind, None when none is known."""
        return next((one.first for one in self.days if one.kind == kind), None)

    def zone(self, otherwise: ZoneInfo) -> ZoneInfo:
        """The clock that the person lives by; the other one when it is not known."""
        return zone_named(self.time_zone) or otherwise


class People(Protocol):
    """Who knows people: contacts, in fact."""

    def profile(self, tenant_id: UUID, person_id: UUID) -> Profile | None:
        """What is known of a person; None when there is no such person any more.

        Raises `Unavailable` without an answer.
        """
        ...


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of this name; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def in_year(first: date, year: int, leap_day: LeapDay) -> date:
    """The day of a year on which a day of some other year comes round.

    29 February is kept on 28 February or on 1 March of years that have none, as the program says.
    """
    if (first.month, first.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28) if leap_day is LeapDay.FEBRUARY_28 else date(year, 3, 1)
    return first.replace(year=year)
