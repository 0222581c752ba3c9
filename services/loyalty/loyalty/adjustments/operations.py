"""What staff do to give and take points by hand; each function is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from chassis.domain import Forbidden, NotFound
from chassis.work.timers import Timer, cancel_timer, set_timer
from loyalty.adjustments.domain import Adjustment, needs_second_person
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import deduct, earn
from loyalty.members.queries import member_ref, who_is_left
from loyalty.people.named import current_or_none
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx

ADJUSTMENT_LAPSE = "adjustment_lapse"
ADJUSTMENT = "adjustment"


def ask_for_adjustment(
    tx: LoyaltyTx, member_id: UUID, points: int, reason: str, expires_at: datetime | None = None
) -> Adjustment:
    """Give a member points, or take some; it waits for a second person beyond what one may do alone.

    What counts is what the same caller asked for on the same day, of the same member, by whichever
    id of those who were merged into one. Raises `NotFound`, `Invalid`, and `Conflict` with
    `points_insufficient` where more is taken than is there.
    """
    # By this nobody is merged until the commit, so that it counts for who is left.
    current_or_none(tx, member_ref(tx, member_id).person_id)
    member = who_is_left(tx, member_id)
    about, now = program(tx, member.program_id), tx.clock.now()
    policy = about.terms.policies.adjustments
    adjustment = Adjustment(
        id=tx.ids.new(),
        program_id=member.program_id,
        member_id=member.id,
        person_id=member.person_id,
        points=points,
        reason=reason,
        expires_at=expires_at,
        asked_by=tx.caller.actor,
        asked_on=now.astimezone(about.zone).date(),
        created_at=now,
        updated_at=now,
    )
    before = tx.adjustments.asked_before(
        member.program_id, member.id, adjustment.asked_by, adjustment.asked_on
    )
    waits = needs_second_person(points, before, policy.limit)
    adjustment.request(now + timedelta(days=policy.wait_days) if waits else None)
    tx.adjustments.add(adjustment)
    if adjustment.waits_until is None:
        _make(tx, adjustment)
    else:
        set_timer(tx, ADJUSTMENT_LAPSE, str(adjustment.id), adjustment.waits_until)
    return adjustment


def approve_adjustment(tx: LoyaltyTx, adjustment_id: UUID) -> Adjustment:
    """Agree to an adjustment, which moves its points.

    Raises `NotFound`, `Forbidden` for whoever asked and for an app, `Conflict` when it does not wait
    any more, the points would be expired, or there are too few to take by now.
    """
    adjustment = _adjustment(tx, adjustment_id)
    adjustment.approve(_second_person(tx), tx.clock.now())
    _make(tx, adjustment)
    cancel_timer(tx, ADJUSTMENT_LAPSE, str(adjustment.id))
    return adjustment


def reject_adjustment(tx: LoyaltyTx, adjustment_id: UUID, reason: str) -> Adjustment:
    """Refuse an adjustment. Raises `NotFound`, `Forbidden` for whoever asked and an app, `Conflict`."""
    adjustment = _adjustment(tx, adjustment_id)
    adjustment.reject(_second_person(tx), reason, tx.clock.now())
    cancel_timer(tx, ADJUSTMENT_LAPSE, str(adjustment.id))
    return adjustment


def withdraw_adjustment(tx: LoyaltyTx, adjustment_id: UUID) -> Adjustment:
    """Take back what one asked for. Raises `NotFound`, `Forbidden` for others, `Conflict`."""
    adjustment = _adjustment(tx, adjustment_id)
    adjustment.withdraw(tx.caller.actor, tx.clock.now())
    cancel_timer(tx, ADJUSTMENT_LAPSE, str(adjustment.id))
    return adjustment


def adjustment_time_is_up(tx: LoyaltyTx, timer: Timer) -> None:
    """Nobody has decided in time."""
    try:
        adjustment = _adjustment(tx, UUID(timer.key))
    except NotFound:
        return
    adjustment.lapse(tx.clock.now())


def _adjustment(tx: LoyaltyTx, adjustment_id: UUID) -> Adjustment:
    adjustment = tx.adjustments.get(adjustment_id)
    adjustment.person_id = member_ref(tx, adjustment.member_id).person_id
    return adjustment


def _second_person(tx: LoyaltyTx) -> str:
    """Who decides: a user, since whoever asked might have an app that acts for itself."""
    if tx.caller.user_id is None:
        message = "A second person decides on an adjustment; an app is none."
        raise Forbidden(message, code="second_person_needed")
    return tx.caller.actor


def _make(tx: LoyaltyTx, adjustment: Adjustment) -> None:
    cause = Cause(ADJUSTMENT, str(adjustment.id))
    if adjustment.points > 0:
        given = (adjustment.member_id, adjustment.points, cause)
        posting = earn(tx, *given, expires_at=adjustment.expires_at)
    else:
        posting = deduct(tx, adjustment.member_id, -adjustment.points, cause)
    adjustment.make(posting.id, tx.clock.now())
