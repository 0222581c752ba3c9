"""What administrators do to business calendars; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from desk.business_hours.domain import Hours
from desk.calendars.domain import MOST_CALENDARS, BusinessCalendar
from desk.clocks.renewal import have_reckoned_anew
from desk.transaction import DeskTx


def create_calendar(tx: DeskTx, name: str, hours: Hours) -> BusinessCalendar:
    """Add a calendar. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.business_calendars.count() >= MOST_CALENDARS:
        message = f"There are {MOST_CALENDARS} calendars already."
        raise Conflict(message, code="too_many_business_calendars")
    now = tx.clock.now()
    calendar = BusinessCalendar(
        id=tx.ids.new(), name=name, hours=hours, created_at=now, updated_at=now
    )
    calendar.create()
    tx.business_calendars.add(calendar)
    return calendar


def change_calendar(
    tx: DeskTx, calendar_id: UUID, changed: Callable[[BusinessCalendar], tuple[str, Hours]]
) -> BusinessCalendar:
    """Write a calendar anew; open deadlines follow. Raises `NotFound`, `Invalid`."""
    calendar = tx.business_calendars.get(calendar_id)
    name, hours = changed(calendar)
    before = calendar.hours
    if calendar.change(name, hours, tx.clock.now()) and calendar.hours != before:
        have_reckoned_anew(tx)
    return calendar


def archive_calendar(tx: DeskTx, calendar_id: UUID) -> BusinessCalendar:
    """Have a calendar chosen for nothing new. Raises `NotFound`."""
    calendar = tx.business_calendars.get(calendar_id)
    calendar.archive(tx.clock.now())
    return calendar


def restore_calendar(tx: DeskTx, calendar_id: UUID) -> BusinessCalendar:
    """Take an archived calendar back into use. Raises `NotFound`."""
    calendar = tx.business_calendars.get(calendar_id)
    calendar.restore(tx.clock.now())
    return calendar


def require_calendar(tx: DeskTx, calendar_id: UUID | None, pointer: str) -> None:
    """Check that a calendar may be chosen. Raises `Invalid` at `pointer` for one that may not."""
    if calendar_id is None:
        return
    try:
        calendar = tx.business_calendars.get(calendar_id)
    except NotFound:
        message = f"There is no business calendar {calendar_id}."
        raise Invalid.at(pointer, "business_calendar_unknown", message) from None
    if calendar.archived_at is not None:
        message = f"The business calendar {calendar_id} is archived."
        raise Invalid.at(pointer, "business_calendar_archived", message)
