"""Who came by whose code, and what comes of it; each function is one transaction, or a part of one.

A referral is judged in a transaction of its own, which a timer begins: whoever hears of a delivery
only sets it. One at a time judges the referrals of a tenant, so that caps, rings and friends who
came by two codes are seen by all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.domain import Conflict, Invalid
from chassis.work.timers import Timer, set_timer
from loyalty.codes.domain import normalized
from loyalty.gifts.domain import Gift
from loyalty.gifts.giving import give, take_back
from loyalty.ledger.domain import Cause
from loyalty.limits.domain import Act
from loyalty.limits.operations import check
from loyalty.members.queries import MemberRef, active_members
from loyalty.people.erased import require_not_erased
from loyalty.people.named import current_person
from loyalty.programs.queries import program
from loyalty.referral_terms.domain import CapPeriod
from loyalty.referral_terms.queries import find_terms
from loyalty.referrals.domain import COUNTED, OPEN, Reason, Referral, ReferralState, Side
from loyalty.referrals.judging import Done, Refused, is_undone, judge
from loyalty.referrals.orders import (
    alone,
    closes_ring,
    completed_since,
    has_ordered,
    is_claimed,
    order_of,
    orders_of,
    others_of_friend,
    referrals_of,
    rewarded_since,
)
from loyalty.transaction import LoyaltyTx

REFERRAL_REVIEW, REFERRAL_EXPIRY = "referral_review", "referral_expiry"
CAUSE = "referral"
_VELOCITY = timedelta(hours=24)


def claim_referral(tx: LoyaltyTx, code: str, friend_id: UUID) -> Referral:
    """Note that somebody came by a member's code, once and before their first order.

    Raises `Invalid` for a code that leads nowhere, `Conflict` for a friend who does not count or was
    erased.
    """
    alone(tx)
    friend_id = current_person(tx, friend_id)
    require_not_erased(tx, friend_id)
    found = tx.referral_codes.by_code(normalized(code))
    terms = None if found is None else find_terms(tx, found.program_id)
    referrer_id = None if found is None or not found.enabled else found.person_id
    if found is None or terms is None or referrer_id is None or not terms.policy.enabled:
        raise Invalid.at("/code", "referral_code_unknown", "There is no such code, or no more.")
    if _member_of(tx, found.program_id, referrer_id) is None:
        raise Invalid.at("/code", "referral_code_unknown", "There is no such code, or no more.")
    _require_countable(tx, found.program_id, referrer_id, friend_id)
    now = tx.clock.now()
    referral = Referral(
        id=tx.ids.new(),
        program_id=found.program_id,
        code_id=found.id,
        referrer_person_id=referrer_id,
        friend_person_id=friend_id,
        state=ReferralState.CLAIMED,
        policy=terms.policy,
        claimed_at=now,
        expires_at=terms.policy.expires_at(now),
        updated_at=now,
    )
    referral.claim()
    tx.referrals.add(referral)
    set_timer(tx, REFERRAL_EXPIRY, str(referral.id), referral.expires_at)
    return referral


def approve_referral(tx: LoyaltyTx, referral_id: UUID) -> Referral:
    """Let a referral count that was held, and reward both. Raises `NotFound`, `Conflict`."""
    alone(tx)
    referral = tx.referrals.get(referral_id)
    referral.approve(tx.caller.actor, tx.clock.now())
    _reward(tx, referral)
    return referral


def refuse_referral(tx: LoyaltyTx, referral_id: UUID) -> Referral:
    """Have a referral not count that was held. Raises `NotFound`, `Conflict`."""
    referral = tx.referrals.get(referral_id)
    referral.turn_down(tx.caller.actor, tx.clock.now())
    return referral


def settle_held(tx: LoyaltyTx, key: str, *, counts: bool) -> None:
    """Decide on a referral that a limit has held, named by its id, as whoever looked at that has."""
    alone(tx)
    for referral in tx.referrals.named(key):
        if referral.state is not ReferralState.HELD:
            continue
        if counts:
            referral.approve(tx.caller.actor, tx.clock.now())
            _reward(tx, referral)
        else:
            referral.turn_down(tx.caller.actor, tx.clock.now())


def review_soon(tx: LoyaltyTx, referral_id: UUID) -> None:
    """Have a referral judged anew, right after this transaction."""
    set_timer(tx, REFERRAL_REVIEW, str(referral_id), tx.clock.now())


def review_all_of(tx: LoyaltyTx, person_id: UUID) -> None:
    """Have all referrals judged anew in which somebody is on either side: they are another person now."""
    for referral_id in referrals_of(tx, person_id):
        review_soon(tx, referral_id)


def referral_is_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Judge a referral by all that is known by now."""
    alone(tx)
    for referral in tx.referrals.get_many([UUID(timer.key)]):
        review(tx, referral)


def referral_time_is_up(tx: LoyaltyTx, timer: Timer) -> None:
    """Have a referral expire whose friend has not ordered in time."""
    for referral in tx.referrals.get_many([UUID(timer.key)]):
        referral.expire(tx.clock.now())


def review(tx: LoyaltyTx, referral: Referral) -> None:
    """Judge a referral: complete and reward it, refuse it, or take back what was given."""
    now = tx.clock.now()
    is_own = referral.referrer_person_id == referral.friend_person_id
    if is_own and referral.referrer_person_id is not None:
        referral.refuse(Reason.SELF_REFERRAL, now)
        _reverse(tx, referral, Reason.SELF_REFERRAL)
    elif referral.state in OPEN:
        _judge_open(tx, referral)
    elif referral.state in COUNTED:
        if _has_come_undone(tx, referral):
            referral.refuse(Reason.ORDER_REFUNDED, now)
            _reverse(tx, referral, Reason.ORDER_REFUNDED)
        else:
            _reward(tx, referral)


def _require_countable(tx: LoyaltyTx, program_id: UUID, referrer_id: UUID, friend_id: UUID) -> None:
    if referrer_id == friend_id:
        raise Conflict("Nobody recommends to themselves.", code="self_referral")
    if is_claimed(tx, program_id, friend_id):
        message = "The friend came by a code of the program before."
        raise Conflict(message, code="friend_claimed")
    if has_ordered(tx, friend_id):
        message = "The friend is a customer already."
        raise Conflict(message, code="friend_has_ordered")
    if closes_ring(tx, referrer_id, friend_id):
        message = "Whoever recommends was brought by the friend, or by whom the friend brought."
        raise Conflict(message, code="referral_ring")


def _judge_open(tx: LoyaltyTx, referral: Referral) -> None:
    now = tx.clock.now()
    friend_id, referrer_id = referral.friend_person_id, referral.referrer_person_id
    if friend_id is None or referrer_id is None:
        referral.refuse(Reason.PERSON_GONE, now)
        return
    if others_of_friend(tx, referral):
        referral.refuse(Reason.FRIEND_CLAIMED, now)
        return
    orders = orders_of(tx, friend_id)
    verdict = judge(referral.policy, referral.claimed_at, referral.expires_at, orders)
    if isinstance(verdict, Refused):
        referral.refuse(verdict.reason, now)
    elif isinstance(verdict, Done):
        referral.complete(verdict.order_id, verdict.value, verdict.at, now)
        doubt = _doubt(tx, referral, verdict, (referrer_id, friend_id))
        if doubt is not None:
            referral.hold(doubt, now)
        else:
            _ask_limits(tx, referral, referrer_id)
            _reward(tx, referral)


def _doubt(
    tx: LoyaltyTx, referral: Referral, done: Done, sides: tuple[UUID, UUID]
) -> Reason | None:
    """Why somebody has to look at it first; None when it is as good as it looks."""
    policy = referral.policy
    currency = program(tx, referral.program_id).terms.currency
    if policy.minimum_order is not None and done.value.currency != currency:
        return Reason.OTHER_CURRENCY
    if closes_ring(tx, *sides):
        return Reason.RING
    since = tx.clock.now() - _VELOCITY
    if policy.hold_above is not None and completed_since(tx, referral, since) >= policy.hold_above:
        return Reason.VELOCITY
    return None


def _ask_limits(tx: LoyaltyTx, referral: Referral, referrer_id: UUID) -> None:
    """Hold or refuse what goes beyond the program's limits on how fast."""
    member = _member_of(tx, referral.program_id, referrer_id)
    if member is None:
        return
    key, now = str(referral.id), tx.clock.now()
    verdict = check(tx, member.id, Act.REFERRAL, key=key, referrer=str(member.id))
    if verdict.blocks:
        referral.block(now)
    elif verdict.holds:
        referral.hold(Reason.VELOCITY, now)


def _has_come_undone(tx: LoyaltyTx, referral: Referral) -> bool:
    if referral.order_id is None or referral.completed_at is None:
        return False
    order = order_of(tx, referral.order_id)
    return order is not None and is_undone(referral.policy, referral.completed_at, order)


def _reward(tx: LoyaltyTx, referral: Referral) -> None:
    """Give both what is due, as far as they are members; the rest when they become members."""
    if referral.state is not ReferralState.COMPLETED:
        return
    if Side.REFERRER in referral.due and _is_capped(tx, referral):
        referral.cap(tx.clock.now())
    found: list[tuple[MemberRef, UUID, Side]] = []
    for side in referral.due:
        person_id = referral.person_on(side)
        member = None if person_id is None else _member_of(tx, referral.program_id, person_id)
        if member is not None and person_id is not None:
            found.append((member, person_id, side))
    # In order of ids, since each is locked by its ledger.
    for member, person_id, side in sorted(found, key=lambda each: each[0].id):
        given = give(tx, member, _gift(referral, side), _cause(referral, side))
        referral.reward(side, member.id, person_id, given.points, tx.clock.now())


def _reverse(tx: LoyaltyTx, referral: Referral, reason: Reason) -> None:
    """Take back what was given for a referral that counted."""
    rewards = sorted(referral.rewards.items(), key=lambda pair: pair[1].member_id)
    before = referral.state
    referral.reverse(reason, tx.clock.now())
    if referral.state is not before:
        for side, one in rewards:
            take_back(tx, one.member_id, _gift(referral, side), _cause(referral, side))


def _is_capped(tx: LoyaltyTx, referral: Referral) -> bool:
    most = referral.policy.most_rewarded
    if most is None:
        return False
    zone = ZoneInfo(program(tx, referral.program_id).terms.time_zone)
    since = start_of(referral.policy.cap_period, tx.clock.now(), zone)
    return rewarded_since(tx, referral, since) >= most


def start_of(period: CapPeriod, now: datetime, zone: ZoneInfo) -> datetime:
    """When the period began that an instant is in."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period is CapPeriod.MONTH:
        return midnight.replace(day=1)
    if period is CapPeriod.YEAR:
        return midnight.replace(month=1, day=1)
    return datetime(1970, 1, 1, tzinfo=zone)


def _member_of(tx: LoyaltyTx, program_id: UUID, person_id: UUID) -> MemberRef | None:
    members = active_members(tx, person_id)
    return next((one for one in members if one.program_id == program_id), None)


def _gift(referral: Referral, side: Side) -> Gift:
    policy = referral.policy
    return policy.referrer_gift if side is Side.REFERRER else policy.friend_gift


def _cause(referral: Referral, side: Side) -> Cause:
    return Cause(CAUSE, f"{referral.id}:{side}")
