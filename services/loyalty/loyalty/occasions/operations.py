"""What administrators do to occasions, and what is done when their time comes; one transaction each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from chassis.domain import NotFound
from chassis.work.timers import Timer, set_timer
from loyalty.gifts.giving import give, require_givable
from loyalty.gifts.tiers import tier_key
from loyalty.ledger.domain import Cause
from loyalty.members.domain import MemberStatus
from loyalty.members.queries import MemberRef, member_ref
from loyalty.occasions.calendar import Due
from loyalty.occasions.domain import (
    REST,
    Celebration,
    Occasion,
    OccasionStatus,
    OccasionTerms,
)
from loyalty.occasions.planning import Calendar, ids_in, next_members, plan, planned_in
from loyalty.occasions.queries import occasions_of_person, occasions_of_program
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx

OCCASION_PLANNING = "occasion_planning"
"""A timer of this kind plans an occasion for some more members."""
CAUSE = "occasion"
_BATCH = 100


def define_occasion(
    tx: LoyaltyTx, program_id: UUID, key: str, date_kind: str, terms: OccasionTerms
) -> Occasion:
    """Have a program keep a day of its members. Raises `NotFound`, `Invalid`, `Conflict` for a key twice."""
    program(tx, program_id)
    require_givable(tx, program_id, terms.gift, "/gift")
    now = tx.clock.now()
    occasion = Occasion(
        id=tx.ids.new(),
        program_id=program_id,
        key=key,
        date_kind=date_kind,
        terms=terms,
        status=OccasionStatus.ACTIVE,
        created_at=now,
        updated_at=now,
    )
    occasion.define()
    tx.occasions.add(occasion)
    plan_all(tx, occasion.id)
    return occasion


def change_occasion(
    tx: LoyaltyTx, occasion_id: UUID, change: Callable[[OccasionTerms], OccasionTerms]
) -> Occasion:
    """Keep an occasion differently from now on. Raises `NotFound`, `Invalid`, `Conflict`."""
    occasion = tx.occasions.get(occasion_id)
    terms = change(occasion.terms)
    require_givable(tx, occasion.program_id, terms.gift, "/gift")
    if occasion.change(terms, tx.clock.now()):
        plan_all(tx, occasion.id)
    return occasion


def pause_occasion(tx: LoyaltyTx, occasion_id: UUID) -> Occasion:
    """Keep an occasion no more for a while. Raises `NotFound`, `Conflict`."""
    occasion = tx.occasions.get(occasion_id)
    occasion.pause(tx.clock.now())
    return occasion


def resume_occasion(tx: LoyaltyTx, occasion_id: UUID) -> Occasion:
    """Keep an occasion again, from now on. Raises `NotFound`, `Conflict`."""
    occasion = tx.occasions.get(occasion_id)
    occasion.resume(tx.clock.now())
    plan_all(tx, occasion_id)
    return occasion


def archive_occasion(tx: LoyaltyTx, occasion_id: UUID) -> Occasion:
    """Keep an occasion no more. Raises `NotFound`."""
    occasion = tx.occasions.get(occasion_id)
    occasion.archive(tx.clock.now())
    return occasion


def restore_occasion(tx: LoyaltyTx, occasion_id: UUID) -> Occasion:
    """Have an archived occasion be back, paused; resuming it plans it for all. Raises `NotFound`."""
    occasion = tx.occasions.get(occasion_id)
    occasion.restore(tx.clock.now())
    return occasion


def plan_all(tx: LoyaltyTx, occasion_id: UUID) -> None:
    """Have an occasion planned for all members anew, some at a time."""
    set_timer(tx, OCCASION_PLANNING, str(occasion_id), tx.clock.now())


def plan_program(tx: LoyaltyTx, program_id: UUID) -> None:
    """Have all occasions of a program planned anew: its clock or its leap day is another one."""
    for occasion in occasions_of_program(tx, program_id):
        plan_all(tx, occasion.id)


def planning_goes_on(tx: LoyaltyTx, timer: Timer) -> None:
    """Plan an occasion for the next members."""
    occasion_id = UUID(timer.key)
    for occasion in tx.occasions.get_many([occasion_id]):
        if occasion.status is OccasionStatus.ARCHIVED:
            return
        last = timer.data.get("after")
        members = next_members(tx, occasion.program_id, UUID(last) if last else None, _BATCH)
        for member_id in members:
            plan(tx, occasion, Calendar.of(tx, member_ref(tx, member_id)))
        if len(members) == _BATCH:
            data = {"after": str(members[-1])}
            set_timer(tx, OCCASION_PLANNING, timer.key, tx.clock.now(), data)


def plan_member(tx: LoyaltyTx, member: MemberRef) -> None:
    """Plan all occasions for a member."""
    found = occasions_of_program(tx, member.program_id)
    if found and member.person_id is not None and member.status is not MemberStatus.MERGED:
        calendar = Calendar.of(tx, member)
        for occasion in found:
            plan(tx, occasion, calendar)


def plan_person(tx: LoyaltyTx, person_id: UUID) -> None:
    """Plan all occasions for a person anew, of whom something else is known than before."""
    for member_id in occasions_of_person(tx, person_id):
        plan_member(tx, member_ref(tx, member_id))


def occasion_is_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Keep an occasion whose time has come, unless it was kept, and wait for the next one."""
    occasion_id, member_id = ids_in(timer.key)
    found = tx.occasions.get_many([occasion_id])
    try:
        member = member_ref(tx, member_id)
    except NotFound:
        return
    is_over = not found or found[0].status is OccasionStatus.ARCHIVED
    if is_over or member.person_id is None or member.status is MemberStatus.MERGED:
        return
    occasion, calendar, planned = found[0], Calendar.of(tx, member), planned_in(timer.data)
    if not calendar.at(occasion, planned):
        plan(tx, occasion, calendar)  # something has changed that was not heard of yet
        return
    if _is_to_be_kept(tx, occasion, member, planned):
        _keep(tx, occasion, member, planned)
    plan(tx, occasion, calendar, after=planned.at)


def _is_to_be_kept(tx: LoyaltyTx, occasion: Occasion, member: MemberRef, planned: Due) -> bool:
    now = tx.clock.now()
    in_time = now - planned.at <= timedelta(days=occasion.terms.late_days)
    if not occasion.keeps(planned.at) or not in_time or not member.may_earn:
        return False
    if not occasion.is_for(tier_key(tx, member.id)) or member.person_id is None:
        return False
    kept = tx.celebrations.was_kept(
        occasion.id, member.id, member.person_id, planned.year, now - REST
    )
    return not kept


def _keep(tx: LoyaltyTx, occasion: Occasion, member: MemberRef, planned: Due) -> None:
    celebration = Celebration(
        id=tx.ids.new(),
        occasion_id=occasion.id,
        program_id=occasion.program_id,
        member_id=member.id,
        person_id=member.person_id,
        year=planned.year,
        due_at=planned.at,
        reached_at=tx.clock.now(),
    )
    cause = Cause(CAUSE, str(celebration.id), occasion.key)
    celebration.reach(occasion, give(tx, member, occasion.terms.gift, cause))
    tx.celebrations.add(celebration)
