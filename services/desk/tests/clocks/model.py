"""A plain model of the clocks of a ticket: it looks at every single minute, and knows no arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from desk.business_hours.domain import Hours
from desk.service_levels.domain import Target, Terms
from desk.ticket_facts.domain import SETTLED, Priority, Status

MINUTE = timedelta(minutes=1)
Seen = tuple[Target, int, datetime | None, datetime | None, datetime | None]
"""A clock: its target and round, and when it warned, broke and was met last."""


@dataclass
class ModelClock:
    """One clock; `waits` says that somebody waits for it, `anew` since when it has had the grace."""

    target: Target
    round: int
    since: int
    used: int = 0
    anew: int | None = None
    grace: int = 0
    waits: bool = True
    void: bool = False
    timed: bool = False
    warned: datetime | None = None
    broke: datetime | None = None
    met: datetime | None = None


@dataclass
class Model:
    """A ticket minute by minute; `minute` counts from when it was opened."""

    opened: datetime
    terms: Terms
    hours: Hours
    priority: Priority
    status: Status = Status.NEW
    minute: int = 0
    clocks: list[ModelClock] = field(default_factory=list)
    _stood: list[Status] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clocks = [ModelClock(Target.FIRST_RESPONSE, 1, 0), ModelClock(Target.RESOLUTION, 1, 0)]
        self._set_anew()

    @property
    def now(self) -> datetime:
        """The instant at which the minute begins."""
        return self.opened + MINUTE * self.minute

    def pass_to(self, minute: int) -> None:
        """Go on minute by minute, and warn and break on the way."""
        while self.minute < minute:
            self._look()
            for clock in self.clocks:
                if clock.waits and self._counts(clock, self.status, self.now):
                    clock.used += 1
                    clock.grace += 1
            self._stood.append(self.status)
            self.minute += 1
        self._look()

    def customer_wrote(self, status: Status) -> None:
        """The customer has said something; the ticket stands so after it."""
        self._stand(status)
        first, waiting = self.clocks[0], [c for c in self.clocks[2:] if c.waits]
        if not first.waits and not waiting:
            self.clocks.append(ModelClock(Target.NEXT_RESPONSE, len(self.clocks) - 1, self.minute))
            self._set_anew()

    def answered(self, status: Status) -> None:
        """A person has answered."""
        for clock in self.clocks:
            if clock.target is not Target.RESOLUTION and clock.waits:
                clock.waits, clock.met = False, self.now
        self._stand(status)

    def stood(self, status: Status) -> None:
        """The ticket stands otherwise."""
        self._stand(status)

    def changed(self, priority: Priority, terms: Terms, hours: Hours) -> None:
        """Another priority, or another policy: all is counted anew from the beginning."""
        self.priority, self.terms, self.hours = priority, terms, hours
        for clock in self.clocks:
            clock.used = self._count(clock, clock.since)
            clock.grace = 0 if clock.anew is None else self._count(clock, clock.anew)
        self._set_anew()

    def seen(self) -> Sequence[Seen]:
        """The clocks that ever had a deadline."""
        found = [(c.target, c.round, c.warned, c.broke, c.met) for c in self.clocks if c.timed]
        return sorted(found, key=lambda one: one[:2])

    def _stand(self, status: Status) -> None:
        resolution, was_settled = self.clocks[1], self.status in SETTLED
        if status in SETTLED and not was_settled:
            resolution.waits, resolution.met = False, self.now
        if was_settled and status not in SETTLED:
            resolution.waits, resolution.met = True, None
            resolution.anew, resolution.grace = self.minute, 0
        if status is Status.CLOSED:
            for clock in self.clocks:
                if clock.waits:
                    clock.waits, clock.void = False, True
        self.status = status
        self._set_anew()

    def _whole(self, clock: ModelClock) -> int | None:
        whole = self.terms.time_for(clock.target, self.priority)
        return None if whole is None else whole // MINUTE

    def _reached(self, clock: ModelClock, whole: int, left: int = 0) -> bool:
        grace = min(self.terms.grace_minutes, whole)
        had = clock.anew is None or clock.grace >= grace - left
        return clock.used >= whole - left and had

    def _look(self) -> None:
        for clock in self.clocks:
            whole = self._whole(clock)
            if not clock.waits or clock.broke is not None or whole is None:
                continue
            if self._reached(clock, whole):
                clock.broke = self.now
                continue
            left = self.terms.warn.left(timedelta(minutes=whole))
            if left is None or clock.warned is not None or not self._runs(clock, self.status):
                continue
            if self._reached(clock, whole, left // MINUTE):
                clock.warned = self.now

    def _set_anew(self) -> None:
        """Give the grace to what would have been late before, and see which clocks have a deadline."""
        for clock in self.clocks:
            whole = self._whole(clock)
            if clock.waits and clock.broke is None and whole is not None:
                clock.timed = True
                if self._reached(clock, whole):
                    clock.anew, clock.grace = self.minute, 0

    def _runs(self, clock: ModelClock, status: Status) -> bool:
        if clock.target is Target.RESOLUTION and status in self.terms.pauses:
            return False
        return status not in SETTLED

    def _counts(self, clock: ModelClock, status: Status, at: datetime) -> bool:
        return self._runs(clock, status) and _is_open(self.hours, at)

    def _count(self, clock: ModelClock, since: int) -> int:
        return sum(
            self._counts(clock, self._stood[n], self.opened + MINUTE * n)
            for n in range(since, self.minute)
        )


@lru_cache(maxsize=100_000)
def _is_open(hours: Hours, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(hours.time_zone))
    minute = local.hour * 60 + local.minute
    special = {one.on: one.intervals for one in hours.holidays}
    of_day = special.get(local.date(), hours.week[local.weekday()])
    return any(one.start <= minute < one.end for one in of_day)
