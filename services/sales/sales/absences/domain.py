"""When somebody who sells is away, and takes no new leads (SA-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid


@dataclass(frozen=True, slots=True)
class AbsenceEntered(Fact):
    """A user will be away."""

    absence: Absence


@dataclass(frozen=True, slots=True)
class AbsenceRemoved(Fact):
    """A user will not be away after all."""

    absence: Absence


@dataclass(kw_only=True)
class Absence(Aggregate):
    """Days on which a user is away, the first and the last included; days are those of UTC."""

    user_id: UUID
    first_day: date
    last_day: date
    created_at: datetime

    def enter(self) -> None:
        """Say that somebody will be away. Raises `Invalid` when it ends before it begins."""
        if self.last_day < self.first_day:
            message = f"It cannot be before {self.first_day}."
            raise Invalid.at("/last_day", "before_first_day", message)
        self.record(AbsenceEntered(self))

    def take_back(self) -> None:
        """Say that they will be here after all."""
        self.record(AbsenceRemoved(self))
