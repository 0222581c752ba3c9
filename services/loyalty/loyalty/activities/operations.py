"""What organisers do to activities, and what is done when one is over; each function is one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from uuid import UUID

from chassis.work.timers import Timer, cancel_timer, set_timer
from loyalty.activities.domain import Activity, ActivityStatus, ActivityTerms
from loyalty.gifts.giving import require_givable
from loyalty.programs.queries import program
from loyalty.registrations.operations import call_off_some, give_places, settle_some
from loyalty.transaction import LoyaltyTx

ACTIVITY_END, ACTIVITY_CALLING_OFF = "activity_end", "activity_calling_off"


def plan_activity(tx: LoyaltyTx, program_id: UUID, terms: ActivityTerms) -> Activity:
    """Plan an activity that nobody sees yet. Raises `NotFound` without such a program, `Invalid`."""
    program(tx, program_id)
    require_givable(tx, program_id, terms.gift, "/gift")
    now = tx.clock.now()
    activity = Activity(
        id=tx.ids.new(),
        program_id=program_id,
        terms=terms,
        status=ActivityStatus.DRAFT,
        secret=secrets.token_hex(32),
        created_at=now,
        updated_at=now,
    )
    activity.plan()
    tx.activities.add(activity)
    return activity


def change_activity(
    tx: LoyaltyTx, activity_id: UUID, change: Callable[[ActivityTerms], ActivityTerms]
) -> Activity:
    """Plan an activity otherwise; who waits gets a place if there are more of them.

    Raises `NotFound`, `Invalid`, `Conflict`.
    """
    activity = tx.activities.get(activity_id)
    terms = change(activity.terms)
    require_givable(tx, activity.program_id, terms.gift, "/gift")
    activity.change(terms, tx.clock.now())
    if activity.status is ActivityStatus.PUBLISHED:
        set_timer(tx, ACTIVITY_END, str(activity_id), terms.ends_at)
        give_places(tx, activity)
    return activity


def publish_activity(tx: LoyaltyTx, activity_id: UUID) -> Activity:
    """Have members see an activity. Raises `NotFound`, `Conflict`."""
    activity = tx.activities.get(activity_id)
    activity.announce(tx.clock.now())
    set_timer(tx, ACTIVITY_END, str(activity_id), activity.terms.ends_at)
    return activity


def cancel_activity(tx: LoyaltyTx, activity_id: UUID) -> Activity:
    """Have an activity not take place; all who are registered hear of it. Raises `NotFound`, `Conflict`."""
    activity = tx.activities.get(activity_id)
    if activity.cancel(tx.clock.now()):
        cancel_timer(tx, ACTIVITY_END, str(activity_id))
        set_timer(tx, ACTIVITY_CALLING_OFF, str(activity_id), tx.clock.now())
    return activity


def activity_is_over(tx: LoyaltyTx, timer: Timer) -> None:
    """Settle who was at an activity, some at a time; then it has ended."""
    for activity in tx.activities.get_many([UUID(timer.key)]):
        now = tx.clock.now()
        if activity.status is not ActivityStatus.PUBLISHED or now < activity.terms.ends_at:
            return
        if settle_some(tx, activity):
            set_timer(tx, ACTIVITY_END, timer.key, now)
        else:
            activity.end(now)


def calling_off_goes_on(tx: LoyaltyTx, timer: Timer) -> None:
    """Tell those who are registered for an activity that it does not take place, some at a time."""
    for activity in tx.activities.get_many([UUID(timer.key)]):
        if call_off_some(tx, activity):
            set_timer(tx, ACTIVITY_CALLING_OFF, timer.key, tx.clock.now())
