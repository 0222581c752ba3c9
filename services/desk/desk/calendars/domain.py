"""What becomes of a business calendar: created, written anew, put away (DE-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.domain import Aggregate, Fact, Invalid
from desk.business_hours.domain import Hours, require_possible

MOST_CALENDARS = 200
"""How many a tenant may have, archived ones included."""


@dataclass(frozen=True, slots=True)
class BusinessCalendarCreated(Fact):
    """There is a calendar that was not there before."""

    calendar: BusinessCalendar


@dataclass(frozen=True, slots=True)
class BusinessCalendarChanged(Fact):
    """A calendar was written anew."""

    calendar: BusinessCalendar


@dataclass(frozen=True, slots=True)
class BusinessCalendarArchived(Fact):
    """A calendar is chosen for nothing new."""

    calendar: BusinessCalendar


@dataclass(frozen=True, slots=True)
class BusinessCalendarRestored(Fact):
    """An archived calendar is back in use."""

    calendar: BusinessCalendar


@dataclass(kw_only=True)
class BusinessCalendar(Aggregate):
    """When a desk is open, under a name. Policies that go by an archived one still do."""

    name: str
    hours: Hours
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def create(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_name(self.name)
        require_possible(self.hours)
        self.record(BusinessCalendarCreated(self))

    def change(self, name: str, hours: Hours, now: datetime) -> bool:
        """Be written anew; tells whether anything differs. Raises `Invalid`."""
        _require_name(name)
        require_possible(hours)
        if (name, hours) == (self.name, self.hours):
            return False
        self.name, self.hours, self.updated_at = name, hours, now
        self.record(BusinessCalendarChanged(self))
        return True

    def archive(self, now: datetime) -> None:
        """Have it chosen for nothing new; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(BusinessCalendarArchived(self))

    def restore(self, now: datetime) -> None:
        """Take it back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(BusinessCalendarRestored(self))


def _require_name(name: str) -> None:
    if not name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")
