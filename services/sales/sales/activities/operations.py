"""What users and playbooks do to activities; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.domain import Invalid, NotFound
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.activities.domain import Activity, ActivityDetails, ActivityState, Origin, Result
from sales.lead_facts.domain import ContactKind
from sales.leads.domain import LeadDetails
from sales.leads.touching import touch_by_activity
from sales.opportunities.domain import OpportunityDetails
from sales.people.following import current_or_none
from sales.pipelines.domain import ActivityKind
from sales.transaction import SalesTx

REMINDER = "activity_reminder"


@dataclass(frozen=True, slots=True)
class Done:
    """That something was done, when, and what came of it."""

    result: Result
    at: datetime | None = None


def plan_activity(
    tx: SalesTx,
    details: ActivityDetails,
    *,
    done: Done | None = None,
    origin: Origin | None = None,
) -> Activity:
    """Plan an activity, or with `done` note one that was done already.

    It is the caller's own unless the details name an owner, and about the person and company of the
    opportunity or lead unless they name others. Raises `Invalid`.
    """
    now = tx.clock.now()
    details = _about(tx, replace(details, owner_id=details.owner_id or tx.caller.user_id))
    activity = Activity(
        id=tx.ids.new(),
        details=details,
        state=ActivityState.OPEN,
        created_at=now,
        updated_at=now,
        origin=origin,
    )
    activity.plan()
    if done is not None:
        activity.complete(done.result, done.at or now, now, tx.caller.actor)
        _touch_lead(tx, activity)
    tx.activities.add(activity)
    _time_reminder(tx, activity)
    return activity


def change_activity(tx: SalesTx, activity_id: UUID, changes: Mapping[str, Any]) -> Activity:
    """Change what is mentioned. Raises `NotFound`, `Invalid`, `Conflict` unless it is open."""
    activity = tx.activities.get(activity_id)
    details = replace(activity.details, **changes)
    if not changes.keys().isdisjoint(("opportunity_id", "lead_id", "person_id")):
        details = _about(tx, details)
    activity.change(details, tx.clock.now())
    _time_reminder(tx, activity)
    return activity


def complete_activity(tx: SalesTx, activity_id: UUID, done: Done) -> Activity:
    """Have an activity done. Raises `NotFound`, `Invalid`, `Conflict` unless it is open."""
    activity, now = tx.activities.get(activity_id), tx.clock.now()
    activity.complete(done.result, done.at or now, now, tx.caller.actor)
    _touch_lead(tx, activity)
    _time_reminder(tx, activity)
    return activity


def cancel_activity(tx: SalesTx, activity_id: UUID) -> Activity:
    """Have an activity not done. Raises `NotFound`, `Conflict` for one that is done."""
    activity = tx.activities.get(activity_id)
    activity.cancel(tx.clock.now())
    _time_reminder(tx, activity)
    return activity


def remind(tx: SalesTx, timer: Timer) -> None:
    """Tell, once, that it is time to think of an activity."""
    found = tx.activities.get_many([UUID(timer.key)])
    if found:
        found[0].remind(datetime.fromisoformat(timer.data["at"]), tx.clock.now())


def _about(tx: SalesTx, details: ActivityDetails) -> ActivityDetails:
    details = replace(details, person_id=current_or_none(tx, details.person_id))
    about: OpportunityDetails | LeadDetails
    try:
        if details.opportunity_id is not None:
            about = tx.opportunities.get(details.opportunity_id).details
        elif details.lead_id is not None:
            about = tx.leads.get(details.lead_id).details
        else:
            return details
    except NotFound as missing:
        kind = "lead" if details.opportunity_id is None else "opportunity"
        raise Invalid.at(f"/{kind}_id", f"{kind}_unknown", missing.message) from None
    return replace(
        details,
        person_id=details.person_id or about.person_id,
        company_id=details.company_id or about.company_id,
    )


def _touch_lead(tx: SalesTx, activity: Activity) -> None:
    """Have what was done about a lead be a touch of it; a task of one's own is none."""
    details, at = activity.details, activity.completed_at
    if details.lead_id is None or at is None or details.kind is ActivityKind.TASK:
        return
    touch_by_activity(tx, details.lead_id, ContactKind(details.kind.value), at)


def _time_reminder(tx: SalesTx, activity: Activity) -> None:
    at, key = activity.details.remind_at, str(activity.id)
    if activity.state is ActivityState.OPEN and at is not None and activity.reminded_at is None:
        set_timer(tx, REMINDER, key, at, {"at": at.isoformat()})
    else:
        cancel_timer(tx, REMINDER, key)
