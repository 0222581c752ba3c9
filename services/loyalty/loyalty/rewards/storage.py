"""How rewards are kept, and how many pieces there are of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.coupon_pools.domain import Validity
from loyalty.rewards.domain import (
    Fulfilment,
    Period,
    Ration,
    Reward,
    RewardKind,
    RewardState,
    RewardTerms,
    Stocking,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

rewards = sa.Table(
    "rewards",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("description", sa.JSON, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("image_url", _word, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("fulfilment", _word, nullable=False),
    sa.Column("coupon_pool_id", _uuid),
    sa.Column("stocking", _word, nullable=False),
    sa.Column("tiers", sa.JSON, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    sa.Column("most_per_member", sa.Integer),
    sa.Column("per_period", _word, nullable=False),
    sa.Column("hold_days", sa.Integer, nullable=False),
    sa.Column("return_percent", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class RewardsRepository(Repository[Reward]):
    """Rewards for a change."""

    table = rewards
    kind = "reward"

    def _aggregate(self, row: sa.RowMapping) -> Reward:
        return reward_of(row)

    def _row(self, aggregate: Reward) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            "program_id": aggregate.program_id,
            "name": dict(terms.name),
            "description": dict(terms.description),
            "kind": terms.kind,
            "image_url": terms.image_url,
            "state": aggregate.state,
            "points": terms.points,
            "fulfilment": terms.fulfilment,
            "coupon_pool_id": terms.coupon_pool_id,
            "stocking": aggregate.stocking,
            "tiers": list(terms.tiers),
            "valid_from": terms.validity.first,
            "valid_until": terms.validity.last,
            "most_per_member": terms.ration.most,
            "per_period": terms.ration.period,
            "hold_days": terms.hold_days,
            "return_percent": terms.return_percent,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def reward_of(row: Mapping[str, Any] | sa.RowMapping) -> Reward:
    """The reward that a row of the table stands for."""
    terms = RewardTerms(
        name=row["name"],
        points=row["points"],
        kind=RewardKind(row["kind"]),
        description=row["description"],
        image_url=row["image_url"],
        fulfilment=Fulfilment(row["fulfilment"]),
        coupon_pool_id=row["coupon_pool_id"],
        tiers=tuple(row["tiers"]),
        validity=Validity(row["valid_from"], row["valid_until"]),
        ration=Ration(row["most_per_member"], Period(row["per_period"])),
        hold_days=row["hold_days"],
        return_percent=row["return_percent"],
    )
    return Reward(
        id=row["id"],
        version=row["version"],
        program_id=row["program_id"],
        stocking=Stocking(row["stocking"]),
        terms=terms,
        state=RewardState(row["state"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def stocks_of(
    reading: Reading | UnitOfWork, reward_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[tuple[str, int]]]:
    """How many pieces of rewards can be reserved, by branch."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": list(reward_ids)}
    found: dict[UUID, list[tuple[str, int]]] = {}
    for row in reading.fetch_all(_STOCKS, about) if reward_ids else ():
        found.setdefault(row["reward_id"], []).append((row["branch"], row["available"]))
    return found


def take_stock(tx: UnitOfWork, reward_id: UUID, branch: str, pieces: int) -> bool:
    """Take pieces out of a stock, if there are so many; whether there were. Others wait."""
    about = {"tenant_id": tx.tenant_id, "reward_id": reward_id, "branch": branch, "n": pieces}
    return tx.fetch_one(_TAKE, about) is not None


def add_stock(tx: UnitOfWork, reward_id: UUID, branch: str, pieces: int) -> int:
    """Put pieces into a stock; how many there are then."""
    about = {"tenant_id": tx.tenant_id, "reward_id": reward_id, "branch": branch, "n": pieces}
    row = tx.fetch_one(_ADD, about)
    return 0 if row is None else int(row["available"])


_STOCKS = Statement(
    "SELECT reward_id, branch, available FROM reward_stock"
    " WHERE tenant_id = %(tenant_id)s AND reward_id = ANY(%(ids)s) ORDER BY reward_id, branch"
)
_TAKE = Statement(
    "UPDATE reward_stock SET available = available - %(n)s WHERE tenant_id = %(tenant_id)s"
    " AND reward_id = %(reward_id)s AND branch = %(branch)s AND available >= %(n)s"
    " RETURNING available"
)
_ADD = Statement(
    "INSERT INTO reward_stock (tenant_id, reward_id, branch, available)"
    " VALUES (%(tenant_id)s, %(reward_id)s, %(branch)s, %(n)s)"
    " ON CONFLICT (tenant_id, reward_id, branch)"
    " DO UPDATE SET available = reward_stock.available + excluded.available"
    " RETURNING available"
)
