"""Facts about business calendars to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.calendars.domain import (
    BusinessCalendar,
    BusinessCalendarArchived,
    BusinessCalendarChanged,
    BusinessCalendarCreated,
    BusinessCalendarRestored,
)
from rapport.desk.events.v1 import business_calendar_events_pb2 as events
from rapport.desk.v1 import business_calendar_pb2


def _created(fact: BusinessCalendarCreated) -> events.BusinessCalendarCreated:
    return events.BusinessCalendarCreated(**_about(fact.calendar))


def _changed(fact: BusinessCalendarChanged) -> events.BusinessCalendarChanged:
    return events.BusinessCalendarChanged(**_about(fact.calendar))


def _archived(fact: BusinessCalendarArchived) -> events.BusinessCalendarArchived:
    return events.BusinessCalendarArchived(**_about(fact.calendar))


def _restored(fact: BusinessCalendarRestored) -> events.BusinessCalendarRestored:
    return events.BusinessCalendarRestored(**_about(fact.calendar))


def _about(calendar: BusinessCalendar) -> dict[str, Any]:
    told = business_calendar_pb2.BusinessCalendar(
        name=calendar.name,
        time_zone=calendar.hours.time_zone,
        holidays=len(calendar.hours.holidays),
        minutes_a_week=calendar.hours.minutes_a_week,
    )
    return {"business_calendar_id": str(calendar.id), "business_calendar": told}


BUSINESS_CALENDAR_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    BusinessCalendarCreated: _created,
    BusinessCalendarChanged: _changed,
    BusinessCalendarArchived: _archived,
    BusinessCalendarRestored: _restored,
}
