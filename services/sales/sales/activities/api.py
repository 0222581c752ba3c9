"""Activities and daily reports over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.activities import operations, queries
from sales.activities.daily_reports import daily_reports
from sales.activities.domain import Activity
from sales.activities.models import (
    ActivityIn,
    ActivityOut,
    ActivityPatch,
    DailyReportsOut,
    DailyReportsQuery,
    ResultIn,
    changes_of,
    details_in,
    done_in,
    shown,
    zone_of,
)
from sales.transaction import SalesTx

READ = "sales.activities.read"
WRITE = "sales.activities.write"

activities = Routes("/v1/sales/activities", tag="activities")
reports = Routes("/v1/sales/daily-reports", tag="activities")


@activities.get("", permission=READ, listing=queries.ACTIVITIES, returns=ActivityOut)
def list_activities(call: Call[SalesTx], listing: Listing) -> Reply:
    """List activities, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_activities, listing))


@activities.post("", permission=WRITE, body=ActivityIn, returns=ActivityOut, status=201)
def plan_activity(call: Call[SalesTx], body: ActivityIn) -> Response:
    """Plan an activity, or note one that was done already."""
    details, done = details_in(body), None if body.done is None else done_in(body.done)

    def reply(_tx: SalesTx, one: Activity) -> Reply:
        return Reply.created(f"{activities.prefix}/{one.id}", shown(one), one.version)

    return call.run(lambda tx: operations.enter_activity(tx, details, done), reply)


@activities.get("/<uuid:activity_id>", permission=READ, returns=ActivityOut)
def get_activity(call: Call[SalesTx], activity_id: UUID) -> Reply:
    """Get an activity."""
    one = call.read(queries.get_activity, activity_id)
    return Reply(one, version=one["version"])


@activities.patch(
    "/<uuid:activity_id>",
    permission=WRITE,
    body=ActivityPatch,
    returns=ActivityOut,
    problems=(409,),
)
def change_activity(call: Call[SalesTx], body: ActivityPatch, activity_id: UUID) -> Response:
    """Change what is mentioned of an activity that is still to be done.

    One that is moved to another opportunity or lead leaves the one that it was about, and is about
    the person and company of the new one, unless the body names others.
    """
    changes = changes_of(body)
    return call.run(lambda tx: operations.change_activity(tx, activity_id, changes), _shown)


@activities.post(
    "/<uuid:activity_id>/complete",
    permission=WRITE,
    body=ResultIn,
    returns=ActivityOut,
    conditional=True,
    problems=(409,),
)
def complete_activity(call: Call[SalesTx], body: ResultIn, activity_id: UUID) -> Response:
    """Have an activity done, with what came of it."""
    done = done_in(body)
    return call.run(lambda tx: operations.complete_activity(tx, activity_id, done), _shown)


@activities.post(
    "/<uuid:activity_id>/cancel",
    permission=WRITE,
    returns=ActivityOut,
    conditional=True,
    problems=(409,),
)
def cancel_activity(call: Call[SalesTx], activity_id: UUID) -> Response:
    """Have an activity not done."""
    return call.run(lambda tx: operations.cancel_activity(tx, activity_id), _shown)


@reports.get("", permission=READ, query=DailyReportsQuery, returns=DailyReportsOut)
def get_daily_reports(call: Call[SalesTx], query: DailyReportsQuery) -> Reply:
    """Get what people did on a day; for one person with all that they did."""
    return Reply(call.read(daily_reports, query.on, zone_of(query), query.owner_id))


def _shown(_tx: SalesTx, one: Activity) -> Reply:
    return Reply(shown(one), version=one.version)
