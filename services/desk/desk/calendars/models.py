"""Business calendars as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.business_hours.domain import (
    MOST_HOLIDAYS,
    MOST_INTERVALS,
    WEEKDAYS,
    Holiday,
    Hours,
    Interval,
)
from desk.calendars.domain import BusinessCalendar
from desk.names import Name

Clock = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
"""A time of day, from `00:00` to `24:00`."""
ZoneName = Annotated[str, Field(min_length=1, max_length=100)]


class IntervalModel(Body):
    """Part of a day; what is open past midnight has an interval on either day."""

    opens: Clock
    closes: Clock


Day = Annotated[tuple[IntervalModel, ...], Field(max_length=MOST_INTERVALS)]


class WeekModel(Body):
    """When each day is open; a day that is not mentioned is not."""

    monday: Day = ()
    tuesday: Day = ()
    wednesday: Day = ()
    thursday: Day = ()
    friday: Day = ()
    saturday: Day = ()
    sunday: Day = ()


class HolidayModel(Body):
    """A date that is open otherwise than its weekday: not at all, or in the intervals it names."""

    on: date
    name: Name
    intervals: Day = ()


Holidays = Annotated[tuple[HolidayModel, ...], Field(max_length=MOST_HOLIDAYS)]


class BusinessCalendarIn(Body):
    """A new calendar. `time_zone` is an IANA name, such as `Asia/Taipei`."""

    name: Name
    time_zone: ZoneName
    week: WeekModel
    holidays: Holidays = ()


class BusinessCalendarPatch(Patch):
    """What may be written anew; the week and the holidays change as a whole."""

    name: Name = ""
    time_zone: ZoneName = ""
    week: WeekModel = WeekModel()
    holidays: Holidays = ()


class IntervalOut(BaseModel):
    """Part of a day."""

    opens: str
    closes: str


class WeekOut(BaseModel):
    """When each day is open."""

    monday: list[IntervalOut]
    tuesday: list[IntervalOut]
    wednesday: list[IntervalOut]
    thursday: list[IntervalOut]
    friday: list[IntervalOut]
    saturday: list[IntervalOut]
    sunday: list[IntervalOut]


class HolidayOut(BaseModel):
    """A date that is open otherwise than its weekday."""

    on: date
    name: str
    intervals: list[IntervalOut]


class BusinessCalendarOut(BaseModel):
    """A calendar."""

    id: UUID
    version: int
    name: str
    time_zone: str
    week: WeekOut
    holidays: list[HolidayOut]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def hours_in(
    body: BusinessCalendarIn | BusinessCalendarPatch, before: Hours | None = None
) -> Hours:
    """The hours that a body states, and those of before where a patch mentions nothing."""
    stated = body.model_fields_set if before is not None else set(type(body).model_fields)
    zone = body.time_zone if before is None or "time_zone" in stated else before.time_zone
    week = _week_in(body.week) if before is None or "week" in stated else before.week
    holidays = (
        _holidays_in(body.holidays) if before is None or "holidays" in stated else before.holidays
    )
    return Hours(zone, week, holidays)


def _week_in(week: WeekModel) -> tuple[tuple[Interval, ...], ...]:
    return tuple(_day_in(getattr(week, name)) for name in WEEKDAYS)


def _holidays_in(holidays: tuple[HolidayModel, ...]) -> tuple[Holiday, ...]:
    return tuple(Holiday(one.on, one.name, _day_in(one.intervals)) for one in holidays)


def _day_in(day: tuple[IntervalModel, ...]) -> tuple[Interval, ...]:
    return tuple(Interval(_minutes(one.opens), _minutes(one.closes)) for one in day)


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def shown(calendar: BusinessCalendar) -> dict[str, Any]:
    """A calendar as the API shows one."""
    own = ("id", "version", "name", "created_at", "updated_at", "archived_at")
    return {
        **{name: getattr(calendar, name) for name in own},
        "time_zone": calendar.hours.time_zone,
        "week": {
            name: day_out(day) for name, day in zip(WEEKDAYS, calendar.hours.week, strict=True)
        },
        "holidays": [
            {"on": one.on, "name": one.name, "intervals": day_out(one.intervals)}
            for one in calendar.hours.holidays
        ],
    }


def day_out(day: tuple[Interval, ...]) -> list[dict[str, str]]:
    """The intervals of a day, in words of the clock."""
    return [{"opens": _clock(one.start), "closes": _clock(one.end)} for one in day]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
