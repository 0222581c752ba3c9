"""When a desk is open, and how much of that lies between two times (DE-3).

The desk is open at an instant when what the clock on its wall shows then lies in one of the day's
intervals. So an hour that is left out when clocks go forward does not count, and one that comes twice
when they go back counts twice. A holiday's own intervals stand in place of its weekday's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from chassis.domain import Invalid

END_OF_DAY = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_INTERVALS = 12
"""How many a day may have."""
MOST_HOLIDAYS = 1_000
FEWEST_MINUTES_A_WEEK = 60
"""How long a week has to be open at least, so that every deadline comes within reach."""
HORIZON = timedelta(days=3660)
"""How far ahead a deadline is looked for; what lies beyond it is never due."""
FIRST_YEAR, LAST_YEAR = 1970, 9900

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Part of a day, from one minute up to another one; both count from midnight, up to 1440."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """A date on which the desk is open otherwise than on its weekday: not at all, or half the day."""

    on: date
    name: str
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Hours:
    """When a desk is open: seven days from Monday on, in the zone of the IANA name, and holidays."""

    time_zone: str
    week: tuple[tuple[Interval, ...], ...]
    holidays: tuple[Holiday, ...] = ()
    _special: Mapping[date, tuple[Interval, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        special = {one.on: one.intervals for one in self.holidays}
        object.__setattr__(self, "_special", special)

    @property
    def minutes_a_week(self) -> int:
        """How long a week without holidays is open, when the clocks do not change in it."""
        return sum(one.end - one.start for day in self.week for one in day)

    def of_day(self, day: date) -> tuple[Interval, ...]:
        """The intervals of a date."""
        special = self._special.get(day)
        return self.week[day.weekday()] if special is None else special


AROUND_THE_CLOCK = Hours("UTC", ((Interval(0, END_OF_DAY),),) * 7)
"""What goes by no calendar."""


def require_possible(hours: Hours) -> None:
    """Raise `Invalid` for hours that no desk has: an unknown zone, overlaps, or hardly ever open."""
    try:
        ZoneInfo(hours.time_zone)
    except (KeyError, ValueError, OSError):
        message = f"{hours.time_zone!r} is no time zone of the IANA database."
        raise Invalid.at("/time_zone", "time_zone_unknown", message) from None
    for name, day in zip(WEEKDAYS, hours.week, strict=True):
        _require_in_order(day, f"/week/{name}")
    seen: set[date] = set()
    for place, holiday in enumerate(hours.holidays):
        at = f"/holidays/{place}"
        _require_in_order(holiday.intervals, f"{at}/intervals")
        if not FIRST_YEAR <= holiday.on.year <= LAST_YEAR:
            message = f"Years are {FIRST_YEAR} to {LAST_YEAR}."
            raise Invalid.at(f"{at}/on", "year_out_of_range", message)
        if holiday.on in seen:
            raise Invalid.at(f"{at}/on", "holiday_twice", "There is one holiday on a date.")
        seen.add(holiday.on)
    if hours.minutes_a_week < FEWEST_MINUTES_A_WEEK:
        message = f"A week is open for at least {FEWEST_MINUTES_A_WEEK} minutes."
        raise Invalid.at("/week", "hardly_ever_open", message)


def _require_in_order(day: tuple[Interval, ...], at: str) -> None:
    end = 0
    for place, one in enumerate(day):
        if not 0 <= one.start < one.end <= END_OF_DAY:
            message = "An interval ends after it starts, within the day."
            raise Invalid.at(f"{at}/{place}", "interval_impossible", message)
        if one.start < end:
            message = "Intervals follow each other and do not overlap."
            raise Invalid.at(f"{at}/{place}", "intervals_overlap", message)
        end = one.end


def open_time_between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """How long the desk is open from one instant up to another; nothing when they are not in order."""
    if end <= start:
        return _NOTHING
    if hours == AROUND_THE_CLOCK:
        return end - start
    return sum((until - since for since, until in _windows(hours, start, end)), _NOTHING)


def after_open_time(hours: Hours, start: datetime, span: timedelta) -> datetime | None:
    """The first instant by which the desk has been open for so long since another one.

    None when that is not within the `HORIZON`.
    """
    if span <= _NOTHING:
        return start
    if start.year > LAST_YEAR:
        return None
    if hours == AROUND_THE_CLOCK:
        return start + span if span <= HORIZON else None
    left = span
    for since, until in _windows(hours, start, start + HORIZON):
        if left <= until - since:
            return since + left
        left -= until - since
    return None


def _windows(hours: Hours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When the desk is open between two instants, in order, in UTC."""
    zone = ZoneInfo(hours.time_zone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day = start.date()
    while True:
        begins = datetime.combine(day, time(), UTC)
        if begins >= end:
            return
        for since, until, offset in _pieces(zone, day):
            yield from _open_in(hours, max(since, start), min(until, end), offset)
        day += _DAY


def _open_in(
    hours: Hours, since: datetime, until: datetime, offset: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """When the desk is open from one instant up to another, between which clocks do not change."""
    if since >= until:
        return
    local = (since + offset).date()
    while True:
        midnight = datetime.combine(local, time(), UTC) - offset
        if midnight >= until:
            return
        for one in hours.of_day(local):
            opens = max(since, midnight + timedelta(minutes=one.start))
            closes = min(until, midnight + timedelta(minutes=one.end))
            if opens < closes:
                yield opens, closes
        local += _DAY


@lru_cache(maxsize=20_000)
def _pieces(zone: tzinfo, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """A day of UTC in parts that have one offset each: one, or two when clocks change in it.

    Zones have changed their clocks at most once within any day of UTC since 1970.
    """
    begins = datetime.combine(day, time(), UTC)
    ends = begins + _DAY
    first, last = _offset(zone, begins), _offset(zone, ends - _SECOND)
    if first == last:
        return ((begins, ends, first),)
    before, after = begins, ends - _SECOND
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if _offset(zone, middle) == first:
            before = middle
        else:
            after = middle
    return ((begins, after, first), (after, ends, last))


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or _NOTHING
