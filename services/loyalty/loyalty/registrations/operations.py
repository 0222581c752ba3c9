"""Who comes to activities; each function is one transaction, or a part of one.

All that changes who has a place locks the activity first: so of two at the last place one gets it.
"""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from loyalty.activities.domain import AFTERWARDS, Activity, AttendedBy
from loyalty.codes.domain import LONG, normalized
from loyalty.codes.generation import new_code
from loyalty.gifts.domain import GIVEN_NOTHING, Given
from loyalty.gifts.giving import give
from loyalty.gifts.tiers import tier_key
from loyalty.ledger.domain import Cause
from loyalty.members.queries import MemberRef, active_members, member_ref
from loyalty.registrations.domain import (
    CancelReason,
    ContactRefresh,
    Registration,
    RegistrationState,
)
from loyalty.registrations.periods import months_before
from loyalty.registrations.storage import REGISTRATION_ONCE, free_places
from loyalty.transaction import LoyaltyTx

CAUSE = "attendance"
_BATCH = 100


def register(tx: LoyaltyTx, activity_id: UUID, member_id: UUID) -> Registration:
    """Give a member a place at an activity, or one in the queue for it.

    Raises `NotFound`, `Conflict` when it is not the time for it, for members of other tiers, for
    whoever is registered already, and when there is no place left to wait either.
    """
    activity = tx.activities.get(activity_id)
    member = _earning_member(tx, activity, member_id)
    now = tx.clock.now()
    activity.require_registering(tier_key(tx, member.id), now)
    _require_new(tx, activity, member)
    registration = _blank(tx, activity, member)
    counted = tx.registrations.counted(activity_id)
    waiting = counted.get(RegistrationState.WAITLISTED, 0)
    if free_places(activity.terms.capacity, counted) != 0 and not waiting:
        registration.accept(activity, now)
    elif waiting < activity.terms.waiting_places:
        registration.wait()
    else:
        raise Conflict("There is no place left, and none to wait.", code="activity_full")
    tx.registrations.add(registration)
    return registration


def withdraw_registration(tx: LoyaltyTx, activity_id: UUID, registration_id: UUID) -> Registration:
    """Have a member not come; whoever has waited longest gets the place. Raises `NotFound`, `Conflict`."""
    activity, registration = _both(tx, activity_id, registration_id)
    registration.withdraw(tx.clock.now())
    give_places(tx, activity)
    return registration


def give_places(tx: LoyaltyTx, activity: Activity) -> None:
    """Give those who wait the places that are free, as long as the activity has not begun."""
    now = tx.clock.now()
    if now >= activity.terms.starts_at:
        return
    counted = tx.registrations.counted(activity.id)
    waiting = counted.get(RegistrationState.WAITLISTED, 0)
    free = free_places(activity.terms.capacity, counted)
    places = waiting if free is None else min(free, waiting)
    if places:
        for registration in tx.registrations.next_waiting(activity.id, places):
            registration.accept(activity, now)


def check_in(
    tx: LoyaltyTx, activity_id: UUID, *, ticket: str, member_id: UUID | None
) -> Registration:
    """Note that somebody is there, by the ticket that they show or because the staff knows them.

    Raises `NotFound`, `Conflict` at another time, without a place, and for a second time; `Invalid`
    for a ticket that is none, or when it is not said who it is.
    """
    activity = tx.activities.get(activity_id)
    if bool(ticket) is (member_id is not None):
        message = "Either the ticket's code or the member is needed."
        raise Invalid.at("/ticket", "person_unclear", message)
    activity.require_checking_in(tx.clock.now(), afterwards=AFTERWARDS)
    found = (
        tx.registrations.by_ticket(activity_id, normalized(ticket))
        if member_id is None
        else _registered(tx, activity_id, member_id)
    )
    if found is None:
        raise Invalid.at("/ticket", "ticket_unknown", "The activity has no such ticket.")
    return _checked_in(tx, activity, tx.registrations.get(found), tx.caller.actor)


def check_oneself_in(tx: LoyaltyTx, activity_id: UUID, member_id: UUID, code: str) -> Registration:
    """Note that a member is there, by the code that is shown there now.

    Raises `NotFound`, `Conflict` as `check_in` does, `Invalid` for a code that is not shown now.
    """
    activity, now = tx.activities.get(activity_id), tx.clock.now()
    activity.require_checking_in(now)
    if not activity.accepts(code, now):
        message = "This is not the code that is shown at the event now."
        raise Invalid.at("/code", "check_in_code_wrong", message)
    found = _registered(tx, activity_id, member_id)
    return _checked_in(tx, activity, tx.registrations.get(found), f"member:{member_id}")


def settle_some(tx: LoyaltyTx, activity: Activity) -> bool:
    """Settle for some more who was at an activity that is over; False when all are settled."""
    some, now = tx.registrations.unsettled(activity.id, _BATCH), tx.clock.now()
    # In order of the members, since the ledger of each is locked.
    for one in sorted(some, key=lambda each: each.member_id):
        if one.state is RegistrationState.CHECKED_IN:
            _attended(tx, activity, one)
        elif one.state is RegistrationState.REGISTERED:
            one.miss(now)
        else:
            one.cancel(CancelReason.NO_PLACE, now)
    return bool(some)


def call_off_some(tx: LoyaltyTx, activity: Activity) -> bool:
    """Cancel some more registrations for an activity that is off; False when none is left."""
    some, now = tx.registrations.unsettled(activity.id, _BATCH), tx.clock.now()
    for one in some:
        one.cancel(CancelReason.ACTIVITY_CANCELLED, now)
    return bool(some)


def _registered(tx: LoyaltyTx, activity_id: UUID, member_id: UUID) -> UUID:
    member = member_ref(tx, member_id)
    found = tx.registrations.of_somebody(activity_id, member_id, member.person_id)
    if found is None:
        raise NotFound("The member is not registered for the activity.")
    return found


def _checked_in(
    tx: LoyaltyTx, activity: Activity, registration: Registration, by: str
) -> Registration:
    now = tx.clock.now()
    registration.check_in(by, now)
    if activity.terms.attended_by is AttendedBy.CHECK_IN or now >= activity.terms.ends_at:
        _attended(tx, activity, registration)
    return registration


def _attended(tx: LoyaltyTx, activity: Activity, registration: Registration) -> None:
    """Have somebody have been there: they get what it gives, and are asked for their details."""
    member = _member_now(tx, registration)
    given: Given = GIVEN_NOTHING
    if member is not None:
        cause = Cause(CAUSE, str(registration.id))
        given = give(tx, member, activity.terms.gift, cause)
        _ask_for_details(tx, activity, member)
    registration.attend(activity, given, tx.clock.now())


def _ask_for_details(tx: LoyaltyTx, activity: Activity, member: MemberRef) -> None:
    months, now = activity.terms.refresh_months, tx.clock.now()
    if not months or member.person_id is None:
        return
    if tx.contact_refreshes.asked_since(member.person_id, months_before(now, months)):
        return
    asking = ContactRefresh(
        id=tx.ids.new(),
        person_id=member.person_id,
        member_id=member.id,
        program_id=activity.program_id,
        activity_id=activity.id,
        asked_at=now,
    )
    asking.ask(activity.terms.refresh_template, activity.terms.title)
    tx.contact_refreshes.add(asking)
    tx.flush()


def _member_now(tx: LoyaltyTx, registration: Registration) -> MemberRef | None:
    """Who answers for a registration by now, if they earn: members may have been merged."""
    if registration.person_id is None:
        return None
    members = active_members(tx, registration.person_id)
    return next((one for one in members if one.program_id == registration.program_id), None)


def _earning_member(tx: LoyaltyTx, activity: Activity, member_id: UUID) -> MemberRef:
    member = member_ref(tx, member_id)
    if member.program_id != activity.program_id:
        raise Conflict("The member is of another program.", code="member_of_other_program")
    if not member.may_earn or member.person_id is None:
        raise Conflict("The member earns nothing now.", code="member_not_active")
    return member


def _require_new(tx: LoyaltyTx, activity: Activity, member: MemberRef) -> None:
    tx.try_again_on(REGISTRATION_ONCE)
    if tx.registrations.of_somebody(activity.id, member.id, member.person_id) is not None:
        raise Conflict("The member is registered already.", code="already_registered")


def _blank(tx: LoyaltyTx, activity: Activity, member: MemberRef) -> Registration:
    now = tx.clock.now()
    return Registration(
        id=tx.ids.new(),
        activity_id=activity.id,
        program_id=activity.program_id,
        member_id=member.id,
        person_id=member.person_id,
        state=RegistrationState.WAITLISTED,
        ticket=new_code(LONG),
        registered_at=now,
        updated_at=now,
    )


def _both(tx: LoyaltyTx, activity_id: UUID, registration_id: UUID) -> tuple[Activity, Registration]:
    activity = tx.activities.get(activity_id)
    registration = tx.registrations.get(registration_id)
    if registration.activity_id != activity_id:
        raise NotFound.of("registration", registration_id)
    return activity, registration
