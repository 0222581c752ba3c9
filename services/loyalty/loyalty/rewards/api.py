"""Rewards over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.rewards import operations, queries
from loyalty.rewards.domain import Reward
from loyalty.rewards.models import (
    RewardIn,
    RewardOut,
    RewardPatch,
    StockChangeIn,
    changed,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.rewards.read"
WRITE = "loyalty.rewards.write"
STOCK = "loyalty.rewards.stock"

rewards = Routes("/v1/loyalty/rewards", tag="rewards")


@rewards.get("", permission=READ, listing=queries.REWARDS, returns=RewardOut)
def list_rewards(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List rewards, newest first unless asked otherwise: the catalogue with `state=active`."""
    return Reply(call.read(queries.list_rewards, listing))


@rewards.post("", permission=WRITE, body=RewardIn, returns=RewardOut, status=201, problems=(404,))
def draft_reward(call: Call[LoyaltyTx], body: RewardIn) -> Response:
    """Draft a reward; nobody can have it before it is activated."""
    terms = terms_in(body)

    def reply(tx: LoyaltyTx, reward: Reward) -> Reply:
        shown = queries.get_reward(tx, reward.id)
        return Reply.created(f"{rewards.prefix}/{reward.id}", shown, reward.version)

    return call.run(
        lambda tx: operations.draft_reward(tx, body.program_id, body.stocking, terms), reply
    )


@rewards.get("/<uuid:reward_id>", permission=READ, returns=RewardOut)
def get_reward(call: Call[LoyaltyTx], reward_id: UUID) -> Reply:
    """Get a reward, and how many there are of it."""
    reward = call.read(queries.get_reward, reward_id)
    return Reply(reward, version=reward["version"])


@rewards.patch(
    "/<uuid:reward_id>", permission=WRITE, body=RewardPatch, returns=RewardOut, problems=(409,)
)
def change_reward(call: Call[LoyaltyTx], body: RewardPatch, reward_id: UUID) -> Response:
    """Change a reward; what is reserved keeps the price and all else that it had."""
    return call.run(
        lambda tx: operations.change_reward(tx, reward_id, lambda terms: changed(terms, body)),
        _shown,
    )


@rewards.post("/<uuid:reward_id>/activate", permission=WRITE, returns=RewardOut, problems=(409,))
def activate_reward(call: Call[LoyaltyTx], reward_id: UUID) -> Response:
    """Let members have a reward, within its validity."""
    return call.run(lambda tx: operations.activate_reward(tx, reward_id), _shown)


@rewards.post("/<uuid:reward_id>/pause", permission=WRITE, returns=RewardOut, problems=(409,))
def pause_reward(call: Call[LoyaltyTx], reward_id: UUID) -> Response:
    """Let nobody reserve a reward until it is activated again; reservations go on."""
    return call.run(lambda tx: operations.pause_reward(tx, reward_id), _shown)


@rewards.post("/<uuid:reward_id>/end", permission=WRITE, returns=RewardOut)
def end_reward(call: Call[LoyaltyTx], reward_id: UUID) -> Response:
    """Let nobody reserve a reward any more; reservations go on."""
    return call.run(lambda tx: operations.end_reward(tx, reward_id), _shown)


@rewards.post("/<uuid:reward_id>/restore", permission=WRITE, returns=RewardOut)
def restore_reward(call: Call[LoyaltyTx], reward_id: UUID) -> Response:
    """Have a reward that has ended be back, paused, with the stock that is left of it."""
    return call.run(lambda tx: operations.restore_reward(tx, reward_id), _shown)


@rewards.post(
    "/<uuid:reward_id>/stock-changes",
    permission=STOCK,
    body=StockChangeIn,
    returns=RewardOut,
    problems=(409,),
)
def change_reward_stock(call: Call[LoyaltyTx], body: StockChangeIn, reward_id: UUID) -> Response:
    """Put pieces of a reward in stock, or take some out."""
    asked = (body.branch, body.change, body.reason)
    return call.run(lambda tx: operations.change_stock(tx, reward_id, *asked), _shown)


def _shown(tx: LoyaltyTx, reward: Reward) -> Reply:
    return Reply(queries.get_reward(tx, reward.id), version=reward.version)
