"""Business calendars over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.business_hours.domain import Hours
from desk.calendars import operations, queries
from desk.calendars.domain import BusinessCalendar
from desk.calendars.models import (
    BusinessCalendarIn,
    BusinessCalendarOut,
    BusinessCalendarPatch,
    hours_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.business_calendars.read"
WRITE = "desk.business_calendars.write"

business_calendars = Routes("/v1/desk/business-calendars", tag="service-levels")


@business_calendars.get(
    "", permission=READ, listing=queries.BUSINESS_CALENDARS, returns=BusinessCalendarOut
)
def list_business_calendars(call: Call[DeskTx], listing: Listing) -> Reply:
    """List business calendars by name; archived ones only when they are asked for."""
    return Reply(call.read(queries.list_calendars, listing))


@business_calendars.post(
    "",
    permission=WRITE,
    body=BusinessCalendarIn,
    returns=BusinessCalendarOut,
    status=201,
    problems=(409,),
)
def create_business_calendar(call: Call[DeskTx], body: BusinessCalendarIn) -> Response:
    """Say when a desk is open."""
    hours = hours_in(body)

    def reply(_tx: DeskTx, calendar: BusinessCalendar) -> Reply:
        address = f"{business_calendars.prefix}/{calendar.id}"
        return Reply.created(address, shown(calendar), calendar.version)

    return call.run(lambda tx: operations.create_calendar(tx, body.name, hours), reply)


@business_calendars.get(
    "/<uuid:business_calendar_id>", permission=READ, returns=BusinessCalendarOut
)
def get_business_calendar(call: Call[DeskTx], business_calendar_id: UUID) -> Reply:
    """Get a business calendar."""
    calendar = call.read(queries.get_calendar, business_calendar_id)
    return Reply(calendar, version=calendar["version"])


@business_calendars.patch(
    "/<uuid:business_calendar_id>",
    permission=WRITE,
    body=BusinessCalendarPatch,
    returns=BusinessCalendarOut,
)
def change_business_calendar(
    call: Call[DeskTx], body: BusinessCalendarPatch, business_calendar_id: UUID
) -> Response:
    """Write a business calendar anew. Deadlines that are open are soon reckoned by it."""

    def changed(calendar: BusinessCalendar) -> tuple[str, Hours]:
        name = body.name if "name" in body.model_fields_set else calendar.name
        return name, hours_in(body, calendar.hours)

    return call.run(
        lambda tx: operations.change_calendar(tx, business_calendar_id, changed), _shown
    )


@business_calendars.post(
    "/<uuid:business_calendar_id>/archive", permission=WRITE, returns=BusinessCalendarOut
)
def archive_business_calendar(call: Call[DeskTx], business_calendar_id: UUID) -> Response:
    """Have a business calendar chosen for nothing new. Policies that go by it still do."""
    return call.run(lambda tx: operations.archive_calendar(tx, business_calendar_id), _shown)


@business_calendars.post(
    "/<uuid:business_calendar_id>/restore", permission=WRITE, returns=BusinessCalendarOut
)
def restore_business_calendar(call: Call[DeskTx], business_calendar_id: UUID) -> Response:
    """Take an archived business calendar back into use."""
    return call.run(lambda tx: operations.restore_calendar(tx, business_calendar_id), _shown)


def _shown(_tx: DeskTx, calendar: BusinessCalendar) -> Reply:
    return Reply(shown(calendar), version=calendar.version)
