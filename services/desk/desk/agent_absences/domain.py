"""When an agent is away, so that nothing is handed to them and others go on with theirs (DE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid

LONGEST_ABSENCE = timedelta(days=3 * 366)
MOST_ABSENCES = 1_000
"""How many may be entered for one agent that are not over yet."""


@dataclass(frozen=True, slots=True)
class AgentAbsenceEntered(Fact):
    """An agent will be away."""

    absence: AgentAbsence


@dataclass(frozen=True, slots=True)
class AgentAbsenceRemoved(Fact):
    """An agent will not be away after all."""

    absence: AgentAbsence


@dataclass(kw_only=True)
class AgentAbsence(Aggregate):
    """From when on an agent is away, and when they are back."""

    agent_id: UUID
    begins_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime

    def enter(self, now: datetime) -> None:
        """Say that somebody will be away.

        Raises `Invalid` when it ends before it begins or is over, or lasts for years.
        """
        if self.ends_at <= self.begins_at:
            message = "It has to be later than the beginning."
            raise Invalid.at("/ends_at", "before_beginning", message)
        if self.ends_at <= now:
            raise Invalid.at("/ends_at", "absence_over", "It has to be later than now.")
        if self.ends_at - self.begins_at > LONGEST_ABSENCE:
            message = f"An absence lasts {LONGEST_ABSENCE.days} days at most."
            raise Invalid.at("/ends_at", "absence_too_long", message)
        self.record(AgentAbsenceEntered(self))

    def take_back(self) -> None:
        """Say that they will be here after all."""
        self.record(AgentAbsenceRemoved(self))
