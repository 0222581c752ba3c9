"""When complaints about one thing are too many, and how many that is (DE-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.domain import Aggregate, Fact


@dataclass(frozen=True, slots=True)
class Measure:
    """How many complaints it takes, within how many days, that somebody is to look into it."""

    threshold: int = 3
    days: int = 30

    @property
    def window(self) -> timedelta:
        """For how long a complaint counts."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class ComplaintSettingsChanged(Fact):
    """It takes more or fewer from now on."""

    measure: Measure
    at: datetime


@dataclass(kw_only=True)
class ComplaintSettings(Aggregate):
    """The one settings of a tenant."""

    measure: Measure = Measure()

    def change(self, measure: Measure, now: datetime) -> None:
        """Take more or fewer. Nobody is told again of what was told already."""
        if measure != self.measure:
            self.measure = measure
            self.record(ComplaintSettingsChanged(measure, now))


@dataclass(frozen=True, slots=True)
class ComplaintsRepeated(Fact):
    """So many have come within the days that somebody should look into it."""

    pattern: ComplaintPattern
    count: int
    measure: Measure
    at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintsSubsided(Fact):
    """They have become fewer than that."""

    pattern: ComplaintPattern
    at: datetime


@dataclass(kw_only=True)
class ComplaintPattern(Aggregate):
    """Complaints about one product, with one cause, or about one process.

    It is told once when they become too many. It counts again what there is before each that comes: had
    they become fewer by then, the next crossing is news.
    """

    dimension: str
    value: str
    repeated_at: datetime | None = None

    def one_more(self, others: int, measure: Measure, now: datetime) -> None:
        """Have another one, beside `others` that count now."""
        self.look_again(others, measure, now)
        if self.repeated_at is None and others + 1 >= measure.threshold:
            self.repeated_at = now
            self.record(ComplaintsRepeated(self, others + 1, measure, now))

    def look_again(self, count: int, measure: Measure, now: datetime) -> None:
        """Be over when there are too few left."""
        if self.repeated_at is not None and count < measure.threshold:
            self.repeated_at = None
            self.record(ComplaintsSubsided(self, now))
