"""Facts about rewards to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.rewards import domain
from loyalty.rewards.domain import Reward
from rapport.loyalty.events.v1 import reward_events_pb2 as events
from rapport.loyalty.v1 import reward_pb2


def _drafted(fact: domain.RewardDrafted) -> events.RewardDrafted:
    return events.RewardDrafted(reward_id=str(fact.reward.id), reward=_reward(fact.reward))


def _changed(fact: domain.RewardChanged) -> events.RewardChanged:
    return events.RewardChanged(reward_id=str(fact.reward.id), reward=_reward(fact.reward))


def _activated(fact: domain.RewardActivated) -> events.RewardActivated:
    return events.RewardActivated(reward_id=str(fact.reward.id), reward=_reward(fact.reward))


def _paused(fact: domain.RewardPaused) -> events.RewardPaused:
    return events.RewardPaused(reward_id=str(fact.reward.id), reward=_reward(fact.reward))


def _ended(fact: domain.RewardEnded) -> events.RewardEnded:
    return events.RewardEnded(reward_id=str(fact.reward.id), reward=_reward(fact.reward))


def _restored(fact: domain.RewardRestored) -> events.RewardRestored:
    return events.RewardRestored(reward_id=str(fact.reward.id), reward=_reward(fact.reward))


def _stock_changed(fact: domain.RewardStockChanged) -> events.RewardStockChanged:
    return events.RewardStockChanged(
        reward_id=str(fact.reward_id),
        branch=fact.branch,
        change=fact.change,
        reason=fact.reason,
    )


def _reward(reward: Reward) -> reward_pb2.Reward:
    terms = reward.terms
    return reward_pb2.Reward(
        program_id=str(reward.program_id),
        name=terms.name,
        kind=terms.kind,
        fulfilment=terms.fulfilment,
        points=terms.points,
        state=reward.state,
    )


REWARD_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.RewardDrafted: _drafted,
    domain.RewardChanged: _changed,
    domain.RewardActivated: _activated,
    domain.RewardPaused: _paused,
    domain.RewardEnded: _ended,
    domain.RewardRestored: _restored,
    domain.RewardStockChanged: _stock_changed,
}
