"""How queues are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.queues.domain import Method, Queue, QueueDefinition
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

queues = sa.Table(
    "queues",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("team_id", _uuid),
    sa.Column("default_priority", _word, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("method", _word, nullable=False),
    sa.Column("most_open", sa.Integer),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_DEFINED = ("name", "team_id", "default_priority", "position", "method", "most_open")
_TIMES = ("created_at", "updated_at", "archived_at")


class QueuesRepository(Repository[Queue]):
    """Queues for a change."""

    table = queues
    kind = "queue"

    def seen(self, queue_id: UUID) -> Queue | None:
        """A queue as it is, for who only looks: without a lock."""
        about = {"tenant_id": self._tx.tenant_id, "id": queue_id}
        row = self._tx.fetch_one(_SEEN, about)
        return None if row is None else queue_of(row)

    def id_of(self, key: str) -> UUID | None:
        """The queue with this key, archived or not."""
        row = self._tx.fetch_one(_BY_KEY, {"tenant_id": self._tx.tenant_id, "key": key})
        return None if row is None else row["id"]

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"queues": 0}
        return int(row["queues"])

    def _aggregate(self, row: sa.RowMapping) -> Queue:
        return queue_of(row)

    def _row(self, aggregate: Queue) -> dict[str, Any]:
        return {
            "key": aggregate.key,
            **{name: getattr(aggregate.definition, name) for name in _DEFINED},
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def queue_of(row: Mapping[str, Any] | sa.RowMapping) -> Queue:
    """The queue that a row of the table stands for."""
    return Queue(
        id=row["id"],
        version=row["version"],
        key=row["key"],
        definition=QueueDefinition(
            name=row["name"],
            team_id=row["team_id"],
            default_priority=Priority(row["default_priority"]),
            position=row["position"],
            method=Method(row["method"]),
            most_open=row["most_open"],
        ),
        **{name: row[name] for name in _TIMES},
    )


def keys_of_queues(reading: Reading | UnitOfWork) -> Mapping[UUID, str]:
    """The keys of all of the tenant's queues, archived ones included."""
    rows = reading.fetch_all(_KEYS, {"tenant_id": reading.caller.tenant_id})
    return {row["id"]: row["key"] for row in rows}


def queue_or_none(reading: Reading | UnitOfWork, queue_id: UUID) -> Queue | None:
    """A queue as it is, without a lock."""
    row = reading.fetch_one(_SEEN, {"tenant_id": reading.caller.tenant_id, "id": queue_id})
    return None if row is None else queue_of(row)


_ALL = "id, version, key, name, team_id, default_priority, position, method, most_open,"
_SEEN = Statement(
    f"SELECT {_ALL} created_at, updated_at, archived_at FROM queues"  # noqa: S608 - our own columns
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_BY_KEY = Statement("SELECT id FROM queues WHERE tenant_id = %(tenant_id)s AND key = %(key)s")
_KEYS = Statement("SELECT id, key FROM queues WHERE tenant_id = %(tenant_id)s")
_COUNT = Statement("SELECT count(*) AS queues FROM queues WHERE tenant_id = %(tenant_id)s")
