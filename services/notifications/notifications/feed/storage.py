"""How facts are kept: a row each, at a position that a tenant's counter hands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

fact_positions = sa.Table(
    "fact_positions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("pruned_to", sa.BigInteger, nullable=False),
    sa.Column("stored_at", _time, nullable=False),
)

feed_facts = sa.Table(
    "feed_facts",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("id", _uuid, nullable=False),
    sa.Column("type", sa.Text(collation="C"), nullable=False),
    sa.Column("aggregate_id", _uuid, nullable=False),
    sa.Column("aggregate_version", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text),
    sa.Column("occurred_at", _time, nullable=False),
    sa.Column("stored_at", _time, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

# The row is locked until the commit, so that positions are in the order of commits. The clock of
# another process, or one that was set back, must not make times run against positions.
_TAKE = Statement(
    "INSERT INTO fact_positions AS p (tenant_id, position, pruned_to, stored_at)"
    " VALUES (%(tenant_id)s, %(count)s, 0, %(now)s)"
    " ON CONFLICT (tenant_id) DO UPDATE SET position = p.position + excluded.position,"
    " stored_at = greatest(p.stored_at, excluded.stored_at)"
    " RETURNING position, stored_at"
)
_ADD = BulkInsert.into(feed_facts)


@dataclass(frozen=True, slots=True)
class ReceivedFact:
    """A fact of the tenant that is to be kept; `data` is its content as JSON text."""

    id: UUID
    type: str
    aggregate_id: UUID
    aggregate_version: int
    actor: str
    traceparent: str | None
    occurred_at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact that has its position."""

    position: int
    fact: ReceivedFact


@dataclass(frozen=True, slots=True)
class Taken:
    """Positions that nobody else has; `last` is the highest."""

    last: int
    stored_at: datetime


def take_positions(tx: UnitOfWork, count: int) -> Taken:
    """Take so many positions behind all that are taken; other writers wait for the commit.

    None at all may be taken, by whoever has to see all that is stored up to their own commit.
    """
    about = {"tenant_id": tx.tenant_id, "count": count, "now": tx.clock.now()}
    taken = tx.fetch_one(_TAKE, about)
    if taken is None:
        raise AssertionError("an insert that returns gives a row")
    return Taken(taken["position"], taken["stored_at"])


def add_facts(tx: UnitOfWork, facts: Sequence[ReceivedFact], taken: Taken) -> list[StoredFact]:
    """Store facts in their order, at the positions that were taken for them."""
    first = taken.last - len(facts) + 1
    stored = [StoredFact(first + place, fact) for place, fact in enumerate(facts)]
    rows = [
        {
            "position": one.position,
            "id": one.fact.id,
            "type": one.fact.type,
            "aggregate_id": one.fact.aggregate_id,
            "aggregate_version": one.fact.aggregate_version,
            "actor": one.fact.actor,
            "traceparent": one.fact.traceparent,
            "occurred_at": one.fact.occurred_at,
            "stored_at": taken.stored_at,
            "data": one.fact.data,
        }
        for one in stored
    ]
    tx.write(_ADD.statement, _ADD.parameters(tx.tenant_id, rows))
    return stored
