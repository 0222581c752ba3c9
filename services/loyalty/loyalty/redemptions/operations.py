"""What members and those who serve them do about rewards; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from chassis.work.timers import Timer, cancel_timer, set_timer
from loyalty.codes.domain import LONG, digest_of, normalized
from loyalty.codes.generation import new_code
from loyalty.coupons.domain import IssueCause
from loyalty.coupons.operations import issue_coupon, withdraw_coupon
from loyalty.ledger.operations import cancel_reservation, redeem_reserved, reserve, restore
from loyalty.limits.domain import Act
from loyalty.limits.operations import check
from loyalty.members.queries import MemberRef, redeeming_member
from loyalty.profiles.queries import zone_of
from loyalty.redemptions.domain import CODE_PURPOSE, Promised, Redemption
from loyalty.redemptions.storage import id_by_digest, pieces_had
from loyalty.rewards.domain import Fulfilment, Reward
from loyalty.rewards.queries import find_reward
from loyalty.rewards.storage import add_stock, take_stock
from loyalty.transaction import LoyaltyTx

REDEMPTION_HOLD = "redemption_hold"
"""The timer that fires when a reservation is held no more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member would have: a reward, how many, and where."""

    member_id: UUID
    reward_id: UUID
    quantity: int = 1
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Reserved:
    """A redemption, and the code that it is collected by: it is shown now and never again."""

    redemption: Redemption
    code: str | None = None


def reserve_reward(tx: LoyaltyTx, wish: Wish) -> Reserved:
    """Hold points and pieces for a member; a coupon is issued at once.

    Nothing is sold that is not there: pieces are taken out of stock, and points out of what the
    member has. Raises `NotFound`, `Invalid`, and `Conflict` where it cannot be had: by this member,
    now, there, or as often.
    """
    member, reward = redeeming_member(tx, wish.member_id), find_reward(tx, wish.reward_id)
    if reward.program_id != member.program_id:
        raise NotFound.of("reward", wish.reward_id)
    now, zone = tx.clock.now(), zone_of(tx, member)
    reward.require_available(now, zone, member.tier)
    if reward.terms.fulfilment is Fulfilment.CODE and wish.quantity != 1:
        raise Invalid.at("/quantity", "quantity_unfit", "Coupons are had one at a time.")
    redemption = Redemption(
        id=tx.ids.new(),
        program_id=member.program_id,
        member_id=member.id,
        person_id=member.person_id,
        promised=_promised(reward, wish),
        branch=wish.branch,
        reserved_at=now,
        held_until=reward.held_until(now, zone),
    )
    points, key = redemption.promised.points, str(redemption.id)
    # Before points move, so that everybody locks in the same order.
    check(tx, member.id, Act.REDEMPTION, points, key=key).require_free()
    reserve(tx, member.id, points, redemption.reservation)
    _require_ration(tx, member, reward, wish)
    _take_pieces(tx, redemption)
    code = _code_for(tx, redemption)
    redemption.reserve()
    tx.redemptions.add(redemption)
    if (
        reward.terms.coupon_pool_id is not None
        and redemption.promised.fulfilment is Fulfilment.CODE
    ):
        _issue(tx, redemption, reward.terms.coupon_pool_id)
    else:
        set_timer(tx, REDEMPTION_HOLD, str(redemption.id), reward.held_until(now, zone))
    return Reserved(redemption, code)


def note_limits(tx: LoyaltyTx, wish: Wish) -> None:
    """Have somebody look at a wish that goes beyond the limits of a program, and was refused for it."""
    member, reward = redeeming_member(tx, wish.member_id), find_reward(tx, wish.reward_id)
    points = reward.terms.points * wish.quantity
    check(tx, member.id, Act.REDEMPTION, points)


def collect_reward(tx: LoyaltyTx, code: str, branch: str) -> Redemption:
    """Hand over what is reserved under a code: once, whichever till is first.

    Raises `NotFound` for a code by which nothing is collected, `Conflict` in another branch.
    """
    plain = normalized(code)
    digest = digest_of(CODE_PURPOSE, tx.tenant_id, plain)
    found = id_by_digest(tx, digest) if plain else None
    if found is None:
        raise nothing_to_collect()
    redemption = tx.redemptions.get(found)
    if redemption.code_digest is None:
        raise Conflict("It was collected just now.", code="redemption_not_in_state")
    if redemption.code_digest != digest:  # renewed since it was found
        raise nothing_to_collect()
    redemption.collect(branch, tx.clock.now())
    _spend(tx, redemption)
    return redemption


def nothing_to_collect() -> NotFound:
    """The answer to a code that is none of ours, was used, or is another tenant's: always the same."""
    return NotFound("There is nothing to be collected by this code.")


def renew_code(tx: LoyaltyTx, redemption_id: UUID) -> Reserved:
    """Give out another code; the one before is good for nothing. Raises `NotFound`, `Conflict`."""
    redemption, code = tx.redemptions.get(redemption_id), new_code()
    redemption.renew_code(digest_of(CODE_PURPOSE, tx.tenant_id, code))
    return Reserved(redemption, LONG.written(code))


def fulfil_redemption(tx: LoyaltyTx, redemption_id: UUID, reference: str) -> Redemption:
    """Note that a reward was shipped or rendered. Raises `NotFound`, `Conflict`."""
    redemption = tx.redemptions.get(redemption_id)
    redemption.fulfil(reference, tx.clock.now())
    _spend(tx, redemption)
    return redemption


def cancel_redemption(tx: LoyaltyTx, redemption_id: UUID, reason: str) -> Redemption:
    """Call a reservation off: points and pieces are free again. Raises `NotFound`, `Conflict`."""
    redemption = tx.redemptions.get(redemption_id)
    redemption.cancel(reason, tx.clock.now())
    cancel_timer(tx, REDEMPTION_HOLD, str(redemption.id))
    _free(tx, redemption)
    return redemption


def hold_is_over(tx: LoyaltyTx, timer: Timer) -> None:
    """Hold a reservation no more for which nobody came; one that has ended already is left alone."""
    (redemption,) = tx.redemptions.get_many([UUID(timer.key)]) or (None,)
    if redemption is not None and redemption.expire(tx.clock.now()):
        _free(tx, redemption)


def return_reward(tx: LoyaltyTx, redemption_id: UUID, reason: str, *, restock: bool) -> Redemption:
    """Take a reward back, and give its points back as far as its policy has it.

    A coupon must not have been used, and is good for nothing then. Raises `NotFound`, `Conflict`.
    """
    redemption = tx.redemptions.get(redemption_id)
    redemption.require_returnable()
    if redemption.coupon_id is not None:
        withdraw_coupon(tx, redemption.coupon_id, reason)
    restored = redemption.worth_back
    if restored:
        cause = redemption.giving_back
        restore(tx, redemption.member_id, redemption.spending, restored, cause)
    if restock:
        _put_back(tx, redemption)
    redemption.give_back(reason, restored, tx.clock.now())
    return redemption


def _promised(reward: Reward, wish: Wish) -> Promised:
    terms = reward.terms
    return Promised(
        reward_id=reward.id,
        reward_name=terms.name,
        quantity=wish.quantity,
        points=terms.points * wish.quantity,
        fulfilment=terms.fulfilment,
        stock_branch=reward.stock_of(wish.branch),
        return_percent=terms.return_percent,
    )


def _require_ration(tx: LoyaltyTx, member: MemberRef, reward: Reward, wish: Wish) -> None:
    """Raise `Conflict` for more than a member may have; the ledger holds the member by now."""
    ration = reward.terms.ration
    if ration.most is None:
        return
    since = ration.begins_at(tx.clock.now(), zone_of(tx, member))
    if pieces_had(tx, member.id, reward.id, since) + wish.quantity > ration.most:
        raise Conflict("The member may not have more of this reward.", code="reward_ration_used")


def _take_pieces(tx: LoyaltyTx, redemption: Redemption) -> None:
    promised = redemption.promised
    if promised.stock_branch is None:
        return
    if not take_stock(tx, promised.reward_id, promised.stock_branch, promised.quantity):
        raise Conflict("There are not so many left.", code="reward_out_of_stock")


def _code_for(tx: LoyaltyTx, redemption: Redemption) -> str | None:
    if redemption.promised.fulfilment is not Fulfilment.COLLECT:
        return None
    code = new_code()
    redemption.code_digest = digest_of(CODE_PURPOSE, tx.tenant_id, code)
    return LONG.written(code)


def _issue(tx: LoyaltyTx, redemption: Redemption, pool_id: UUID) -> None:
    """Issue the coupon that a reward is, and spend its points."""
    if redemption.person_id is None:
        raise Conflict("The person was erased.", code="member_without_person")
    cause = IssueCause("redemption", str(redemption.id))
    coupon = issue_coupon(tx, pool_id, redemption.person_id, cause)
    redemption.held_until = None
    redemption.fulfil("", tx.clock.now(), coupon.id)
    redeem_reserved(tx, redemption.member_id, redemption.reservation, redemption.spending)


def _spend(tx: LoyaltyTx, redemption: Redemption) -> None:
    cancel_timer(tx, REDEMPTION_HOLD, str(redemption.id))
    redeem_reserved(tx, redemption.member_id, redemption.reservation, redemption.spending)


def _free(tx: LoyaltyTx, redemption: Redemption) -> None:
    cancel_reservation(tx, redemption.member_id, redemption.reservation, redemption.freeing)
    _put_back(tx, redemption)


def _put_back(tx: LoyaltyTx, redemption: Redemption) -> None:
    promised = redemption.promised
    if promised.stock_branch is not None:
        add_stock(tx, promised.reward_id, promised.stock_branch, promised.quantity)
