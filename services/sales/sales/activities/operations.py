"""What users and playbooks do to activities; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.domain import Invalid, NotFound
from chassis.storage.scope import Scope
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.activities.domain import Activity, ActivityDetails, ActivityState, Origin, Result
from sales.lead_facts.domain import ContactKind
from sales.leads.domain import LeadDetails
from sales.leads.touching import touch_by_activity
from sales.opportunities.domain import OpportunityDetails
from sales.people.named import current_or_none
from sales.pipelines.domain import ActivityKind
from sales.transaction import SalesTx

REMINDER = "activity_reminder"
READ_OPPORTUNITIES = "sales.opportunities.read"
READ_LEADS = "sales.leads.read"


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
    details = _about(tx, replace(details, owner_id=details.owner_id or tx.caller.user_id))
    return _put_in_place(tx, details, done, origin)


def plan_for_tenant(tx: SalesTx, details: ActivityDetails) -> Activity:
    """Plan what the tenant's own rules ask for, whoever's change it falls into.

    What it is about need not be within that caller's reach, and without an owner it is nobody's.
    """
    person_id = current_or_none(tx, details.person_id)
    return _put_in_place(tx, replace(details, person_id=person_id), None, None)


def _put_in_place(
    tx: SalesTx, details: ActivityDetails, done: Done | None, origin: Origin | None
) -> Activity:
    now = tx.clock.now()
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


def enter_activity(tx: SalesTx, details: ActivityDetails, done: Done | None) -> Activity:
    """Plan an activity, or note one, as a user says it: about what they may read. Raises `Invalid`."""
    _require_readable(tx, details.opportunity_id, details.lead_id)
    return plan_activity(tx, details, done=done)


def change_activity(tx: SalesTx, activity_id: UUID, changes: Mapping[str, Any]) -> Activity:
    """Change what is mentioned; with the opportunity or lead that it is moved to its customer changes.

    What it is moved to has to be within reach. Raises `NotFound`, `Invalid`, `Conflict` unless it is
    open.
    """
    activity = tx.activities.get(activity_id)
    known = activity.details
    given = {name: value for name, value in changes.items() if value != getattr(known, name)}
    if given.get("person_id") is not None:
        given["person_id"] = current_or_none(tx, given["person_id"])
    # What was said in so many words counts, also where it is what was there before.
    said = {**changes, **given}
    activity.change(replace(known, **{**_following(tx, given), **said}), tx.clock.now())
    _time_reminder(tx, activity)
    return activity


def hand_on_activity(tx: SalesTx, activity_id: UUID, opportunity_id: UUID) -> Activity:
    """Have what is to be done about a lead be about the opportunity that has come of it.

    Whom it names besides stays named. Raises `NotFound`, `Conflict` unless it is open.
    """
    activity = tx.activities.get(activity_id)
    moved = replace(activity.details, lead_id=None, opportunity_id=opportunity_id)
    activity.change(_about(tx, moved), tx.clock.now())
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
    about = _target(tx, details.opportunity_id, details.lead_id)
    if about is None:
        return details
    return replace(
        details,
        person_id=details.person_id or about.person_id,
        company_id=details.company_id or about.company_id,
    )


def _following(tx: SalesTx, given: Mapping[str, Any]) -> dict[str, Any]:
    """What changes along when an activity is moved to another opportunity or lead; else nothing."""
    opportunity_id, lead_id = given.get("opportunity_id"), given.get("lead_id")
    about = _target(tx, opportunity_id, lead_id)
    if about is None:
        return {}
    _require_readable(tx, opportunity_id, lead_id)
    # It leaves what it was about.
    customer = {"person_id": about.person_id, "company_id": about.company_id}
    return {"opportunity_id": opportunity_id, "lead_id": lead_id, **customer}


def _target(
    tx: SalesTx, opportunity_id: UUID | None, lead_id: UUID | None
) -> OpportunityDetails | LeadDetails | None:
    """What an activity is about. Raises `Invalid` for what is not there, or out of reach."""
    try:
        if opportunity_id is not None:
            return tx.opportunities.get(opportunity_id).details
        return None if lead_id is None else tx.leads.get(lead_id).details
    except NotFound as missing:
        kind = "lead" if opportunity_id is None else "opportunity"
        raise Invalid.at(f"/{kind}_id", f"{kind}_unknown", missing.message) from None


def _require_readable(tx: SalesTx, opportunity_id: UUID | None, lead_id: UUID | None) -> None:
    """Raises `Invalid` for what a user may not read, however far their activities reach.

    Whoever may read none at all is bound by the reach of their activities alone.
    """
    about = _target(tx, opportunity_id, lead_id)
    kind = "lead" if opportunity_id is None else "opportunity"
    permission = READ_LEADS if opportunity_id is None else READ_OPPORTUNITIES
    if about is None or tx.caller.reach(permission) is None:
        return
    if not Scope.under(tx.caller, permission).allows(about.owner_id):
        missing = NotFound.of(kind, opportunity_id or lead_id)
        raise Invalid.at(f"/{kind}_id", f"{kind}_unknown", missing.message)


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
