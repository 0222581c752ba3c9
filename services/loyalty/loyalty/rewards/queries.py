"""Reads rewards, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, integer_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.rewards.domain import Fulfilment, Reward, RewardKind, RewardState
from loyalty.rewards.models import shown
from loyalty.rewards.storage import reward_of, rewards, stocks_of

_columns = rewards.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

REWARDS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "points": _columns.points},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "state": choice_filter(_columns.state, *RewardState),
        "kind": choice_filter(_columns.kind, *RewardKind),
        "fulfilment": choice_filter(_columns.fulfilment, *Fulfilment),
        "points": integer_filter(_columns.points),
    },
)


def list_rewards(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rewards with their stock."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    page = listing.fetch(reading.connection, mine, lambda row: reward_of(row._mapping))
    stocks = stocks_of(reading, [one.id for one in page["items"]])
    page["items"] = [shown(one, stocks.get(one.id, ())) for one in page["items"]]
    return page


def get_reward(reading: Reading | UnitOfWork, reward_id: UUID) -> dict[str, Any]:
    """A reward as the API shows one. Raises `NotFound`."""
    stock = stocks_of(reading, [reward_id]).get(reward_id, ())
    return shown(find_reward(reading, reward_id), stock)


def find_reward(reading: Reading | UnitOfWork, reward_id: UUID) -> Reward:
    """A reward, not locked. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": reward_id})
    if row is None:
        raise NotFound.of("reward", reward_id)
    return reward_of(row)
