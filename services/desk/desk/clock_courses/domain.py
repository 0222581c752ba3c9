"""How the clocks of a ticket went by its history, and when one has used up its time (DE-3).

`courses_of` reads from the history when each clock began, ran, stood still and ended; an `Allowance`
says when a course has no time left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desk.business_hours.domain import Hours, after_open_time, open_time_between
from desk.service_levels.domain import Target
from desk.ticket_facts.domain import SETTLED, Happening, Moment, Status

_NOTHING = timedelta()
_SAID = frozenset((Happening.CUSTOMER_MESSAGE, Happening.REPLY))


@dataclass(frozen=True, slots=True)
class Past:
    """Something that happened to a ticket, and how it stood right after it."""

    what: Happening
    at: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a clock runs; without an end it runs still."""

    since: datetime
    until: datetime | None


@dataclass(slots=True)
class Course:
    """How one clock went by the history of its ticket.

    `round` counts how often the customer waited for the next answer. It is `void` when the ticket
    was closed before what was to be done was done. `reopened_at` is when its ticket was reopened last.
    """

    target: Target
    round: int
    started_at: datetime
    stretches: list[Stretch] = field(default_factory=list)
    ended_at: datetime | None = None
    void: bool = False
    reopened_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to do for it."""
        return self.ended_at is not None

    @property
    def runs(self) -> bool:
        """Whether its time passes now."""
        return bool(self.stretches) and self.stretches[-1].until is None

    @property
    def paused_at(self) -> datetime | None:
        """Since when its time stands still; None while it runs, and once it is over."""
        if self.runs or self.is_over:
            return None
        return self.stretches[-1].until if self.stretches else self.started_at

    def run(self, at: datetime) -> None:
        """Have its time pass from now on."""
        if not self.runs and not self.is_over:
            self.stretches.append(Stretch(at, None))

    def stand(self, at: datetime) -> None:
        """Have its time stand still from now on."""
        if self.runs:
            self.stretches[-1] = Stretch(self.stretches[-1].since, at)

    def end(self, at: datetime, *, void: bool = False) -> None:
        """Be over: what was to be done is done, or will never be."""
        self.stand(at)
        if not self.is_over:
            self.ended_at, self.void = at, void

    def go_on(self, at: datetime) -> None:
        """Not be over after all."""
        self.ended_at, self.reopened_at = None, at


def what_counts(
    history: Sequence[Past],
    moment: Moment,
    status: Status,
    opened_at: datetime,
    *,
    spoken: bool = False,
    waits: bool = False,
) -> tuple[Past, ...]:
    """What of a moment belongs into the history: what was said, and that the ticket stands otherwise.

    `status` is how it stands after it. `spoken` says that whoever opened it spoke with the customer,
    `waits` that another ticket was merged into this one whose customer waits for an answer.
    """
    if not history:
        if moment.what is not Happening.OPENED:
            opened = Past(Happening.OPENED, opened_at, moment.status_before)
            return (opened, Past(moment.what, moment.at, status))
        opened = Past(Happening.OPENED, opened_at, status)
        return (opened, Past(Happening.REPLY, moment.at, status)) if spoken else (opened,)
    last_said = next((one.what for one in reversed(history) if one.what in _SAID), None)
    if waits and last_said is Happening.REPLY:
        return (Past(Happening.CUSTOMER_MESSAGE, moment.at, status),)
    if moment.what in _SAID or status is not history[-1].status:
        return (Past(moment.what, moment.at, status),)
    return ()


def courses_of(history: Iterable[Past], pauses: frozenset[Status]) -> list[Course]:
    """How the clocks of a ticket went: its first response, its next ones and its resolution."""
    reading = _CourseReader(pauses)
    for one in history:
        reading.read(one)
    return reading.courses


class _CourseReader:
    """Reads a history from its beginning, and has the clocks run accordingly."""

    def __init__(self, pauses: frozenset[Status]) -> None:
        self._pauses = pauses
        self._status: Status | None = None
        self._next: Course | None = None
        self._rounds = 0
        self.courses: list[Course] = []

    def read(self, one: Past) -> None:
        """Go on by what happened next."""
        if not self.courses:
            self._first = Course(Target.FIRST_RESPONSE, 1, one.at)
            self._resolution = Course(Target.RESOLUTION, 1, one.at)
            self.courses += [self._first, self._resolution]
        if one.what is Happening.REPLY:
            self._first.end(one.at)
            if self._next is not None:
                self._next.end(one.at)
                self._next = None
        self._stand(one)
        if one.what is Happening.CUSTOMER_MESSAGE and self._first.is_over and self._next is None:
            self._rounds += 1
            self._next = Course(Target.NEXT_RESPONSE, self._rounds, one.at)
            self._next.run(one.at)
            self.courses.append(self._next)
        self._status = one.status

    def _stand(self, one: Past) -> None:
        was_settled, is_settled = self._status in SETTLED, one.status in SETTLED
        if is_settled and not was_settled:
            self._resolution.end(one.at, void=one.status is Status.CLOSED)
        elif was_settled and not is_settled:
            self._resolution.go_on(one.at)
        if is_settled or one.status in self._pauses:
            self._resolution.stand(one.at)
        else:
            self._resolution.run(one.at)
        for response in (self._first, self._next):
            if response is None:
                continue
            if one.status is Status.CLOSED:
                response.end(one.at, void=True)
            elif is_settled:
                response.stand(one.at)
            else:
                response.run(one.at)


def used(course: Course, hours: Hours, now: datetime, since: datetime | None = None) -> timedelta:
    """How much time has passed on a clock, from its start or from a later instant on."""
    begin = course.started_at if since is None else since
    spans = (
        open_time_between(hours, max(one.since, begin), one.until or now)
        for one in course.stretches
    )
    return sum(spans, _NOTHING)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much time a course has: in all, and at least from an instant on at which it was set anew."""

    whole: timedelta
    grace: timedelta
    set_anew_at: datetime | None

    def left(self, course: Course, hours: Hours, now: datetime) -> timedelta:
        """What is left of it; below nothing when it was used up."""
        left = self.whole - used(course, hours, now)
        if self.set_anew_at is not None:
            left = max(left, self.grace - used(course, hours, now, self.set_anew_at))
        return left

    def moment(self, course: Course, hours: Hours, left: timedelta = _NOTHING) -> datetime | None:
        """When no more than `left` is left; None while the clock stands still before that."""
        reached = _reached(course, hours, course.started_at, self.whole - left)
        if self.set_anew_at is None or reached is None:
            return reached
        other = _reached(course, hours, self.set_anew_at, self.grace - left)
        return None if other is None else max(reached, other)


def _reached(course: Course, hours: Hours, since: datetime, span: timedelta) -> datetime | None:
    """The instant at which a clock has run for so long since another one."""
    left = max(span, _NOTHING)
    for one in course.stretches:
        begin = max(one.since, since)
        if one.until is None:
            return after_open_time(hours, begin, left)
        ran = open_time_between(hours, begin, one.until)
        if left <= ran and begin <= one.until:
            return after_open_time(hours, begin, left)
        left -= ran
    return None


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two instants that may both be missing."""
    if one is None or other is None:
        return one or other
    return max(one, other)
