"""What administrators do to rewards; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from loyalty.coupon_pools.queries import find_pool
from loyalty.programs.queries import program
from loyalty.rewards.domain import MOST_STOCK, Reward, RewardState, RewardTerms, Stocking
from loyalty.rewards.storage import add_stock, take_stock
from loyalty.transaction import LoyaltyTx


def draft_reward(tx: LoyaltyTx, program_id: UUID, stocking: Stocking, terms: RewardTerms) -> Reward:
    """Draft a reward. Raises `NotFound`, `Invalid`."""
    program(tx, program_id)
    now = tx.clock.now()
    reward = Reward(
        id=tx.ids.new(),
        program_id=program_id,
        stocking=stocking,
        terms=terms,
        state=RewardState.DRAFT,
        created_at=now,
        updated_at=now,
    )
    reward.draft()
    _require_pool(tx, reward)
    tx.rewards.add(reward)
    return reward


def change_reward(
    tx: LoyaltyTx, reward_id: UUID, change: Callable[[RewardTerms], RewardTerms]
) -> Reward:
    """Change a reward; what is reserved stays as it was. Raises `NotFound`, `Invalid`, `Conflict`."""
    reward = tx.rewards.get(reward_id)
    reward.change(change(reward.terms), tx.clock.now())
    _require_pool(tx, reward)
    return reward


def activate_reward(tx: LoyaltyTx, reward_id: UUID) -> Reward:
    """Let members have a reward. Raises `NotFound`, `Conflict`."""
    reward = tx.rewards.get(reward_id)
    reward.activate(tx.clock.now())
    return reward


def pause_reward(tx: LoyaltyTx, reward_id: UUID) -> Reward:
    """Let nobody reserve a reward for now. Raises `NotFound`, `Conflict`."""
    reward = tx.rewards.get(reward_id)
    reward.pause(tx.clock.now())
    return reward


def end_reward(tx: LoyaltyTx, reward_id: UUID) -> Reward:
    """Let nobody reserve a reward any more. Raises `NotFound`."""
    reward = tx.rewards.get(reward_id)
    reward.end(tx.clock.now())
    return reward


def restore_reward(tx: LoyaltyTx, reward_id: UUID) -> Reward:
    """Have a reward that has ended be back, paused. Raises `NotFound`."""
    reward = tx.rewards.get(reward_id)
    reward.restore(tx.clock.now())
    return reward


def change_stock(tx: LoyaltyTx, reward_id: UUID, branch: str, change: int, reason: str) -> Reward:
    """Put pieces in stock, or take some out; what is reserved is out already.

    Raises `NotFound`, `Invalid` for a stock that the reward has not or that would be beyond all
    bounds, `Conflict` where there are fewer than are taken out.
    """
    reward = tx.rewards.get(reward_id)
    stock = reward.stock_of(branch)
    if stock is None or (stock == "" and branch):
        message = "The reward has no such stock: its stocking says which it has."
        raise Invalid.at("/branch", "stock_unfit", message)
    reward.change_stock(stock, change, reason)
    if change > 0:
        if add_stock(tx, reward_id, stock, change) > MOST_STOCK:
            message = f"There would be more than {MOST_STOCK:,} in stock."
            raise Invalid.at("/change", "stock_too_large", message)
    elif not take_stock(tx, reward_id, stock, -change):
        raise Conflict("There are not so many in stock.", code="stock_insufficient")
    return reward


def _require_pool(tx: LoyaltyTx, reward: Reward) -> None:
    """The pool of which coupons are issued is one of the same program, with codes of their own."""
    pool_id = reward.terms.coupon_pool_id
    if pool_id is None:
        return
    try:
        pool = find_pool(tx, pool_id)
        pool.require_making()
    except (NotFound, Conflict) as error:
        raise Invalid.at("/coupon_pool_id", "coupon_pool_unfit", error.message) from None
    if pool.program_id != reward.program_id:
        message = "The pool belongs to another program."
        raise Invalid.at("/coupon_pool_id", "coupon_pool_unfit", message)
