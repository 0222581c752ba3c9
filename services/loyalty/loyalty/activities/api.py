"""Events that members come to, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.activities import operations, queries
from loyalty.activities.calendar_file import MEDIA_TYPE, calendar_file
from loyalty.activities.domain import Activity
from loyalty.activities.models import (
    ActivityIn,
    ActivityOut,
    ActivityPatch,
    CheckInCodeOut,
    changed_by,
    terms_in,
)
from loyalty.names import Language
from loyalty.transaction import LoyaltyTx

READ = "loyalty.activities.read"
WRITE = "loyalty.activities.write"
CHECK_IN = "loyalty.activities.check_in"
_ONE = "/<uuid:program_activity_id>"

activities = Routes("/v1/loyalty/activities", tag="activities")


class CalendarQuery(Query):
    """In which language, English unless it is said."""

    language: Language = "en"


@activities.get("", permission=READ, listing=queries.ACTIVITIES, returns=ActivityOut)
def list_activities(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List activities, those that begin last first unless asked otherwise."""
    return Reply(call.read(queries.list_activities, listing))


@activities.post(
    "", permission=WRITE, body=ActivityIn, returns=ActivityOut, status=201, problems=(404,)
)
def plan_activity(call: Call[LoyaltyTx], body: ActivityIn) -> Response:
    """Plan an activity, as a draft that members do not see."""

    def reply(tx: LoyaltyTx, activity: Activity) -> Reply:
        location = f"{activities.prefix}/{activity.id}"
        return Reply.created(location, queries.get_activity(tx, activity.id), activity.version)

    terms = terms_in(body)
    return call.run(lambda tx: operations.plan_activity(tx, body.program_id, terms), reply)


@activities.get(_ONE, permission=READ, returns=ActivityOut)
def get_activity(call: Call[LoyaltyTx], program_activity_id: UUID) -> Reply:
    """Get an activity, with how many come."""
    activity = call.read(queries.get_activity, program_activity_id)
    return Reply(activity, version=activity["version"])


@activities.patch(_ONE, permission=WRITE, body=ActivityPatch, returns=ActivityOut, problems=(409,))
def change_activity(
    call: Call[LoyaltyTx], body: ActivityPatch, program_activity_id: UUID
) -> Response:
    """Plan an activity otherwise; who waits gets a place if there are more of them."""
    return call.run(
        lambda tx: operations.change_activity(
            tx, program_activity_id, lambda terms: changed_by(body, terms)
        ),
        _shown,
    )


@activities.post(f"{_ONE}/publish", permission=WRITE, returns=ActivityOut, problems=(409,))
def publish_activity(call: Call[LoyaltyTx], program_activity_id: UUID) -> Response:
    """Have members see an activity, and register while it is time for that."""
    return call.run(lambda tx: operations.publish_activity(tx, program_activity_id), _shown)


@activities.post(f"{_ONE}/cancel", permission=WRITE, returns=ActivityOut, problems=(409,))
def cancel_activity(call: Call[LoyaltyTx], program_activity_id: UUID) -> Response:
    """Have an activity not take place; all who are registered are told by facts."""
    return call.run(lambda tx: operations.cancel_activity(tx, program_activity_id), _shown)


@activities.get(
    f"{_ONE}/check-in-code", permission=CHECK_IN, returns=CheckInCodeOut, problems=(409,)
)
def get_check_in_code(call: Call[LoyaltyTx], program_activity_id: UUID) -> Reply:
    """Get the code to show at an event now, by which members check themselves in."""
    code = call.read(queries.get_check_in_code, program_activity_id)
    return Reply(code, headers={"Cache-Control": "no-store"})


@activities.get(f"{_ONE}/calendar", permission=READ, query=CalendarQuery, media_type=MEDIA_TYPE)
def get_activity_calendar(
    call: Call[LoyaltyTx], query: CalendarQuery, program_activity_id: UUID
) -> Stream:
    """Get an activity as an iCalendar file."""
    activity = call.read(queries.find_activity, program_activity_id)
    written = calendar_file(activity, query.language)
    headers = {"Content-Disposition": f'attachment; filename="{activity.id}.ics"'}
    return Stream([written], f"{MEDIA_TYPE}; charset=utf-8", headers)


def _shown(tx: LoyaltyTx, activity: Activity) -> Reply:
    return Reply(queries.get_activity(tx, activity.id), version=activity.version)
