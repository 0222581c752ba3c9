"""How triggers are kept, what fired, and what follows from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.ticket_actions.documents import actions_of, documents_of
from desk.trigger_chains.domain import Chain
from desk.triggers.domain import Event, Trigger, TriggerDefinition

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

triggers = sa.Table(
    "triggers",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("events", ARRAY(_word), nullable=False),
    sa.Column("condition", _word, nullable=False),
    sa.Column("actions", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
trigger_firings = sa.Table(
    "trigger_firings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("trigger_id", _uuid, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("fact_id", _uuid, nullable=False),
    sa.Column("event", _word, nullable=False),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("outcome", _word, nullable=False),
    sa.Column("at", _time, nullable=False),
)
DONE = "done"
STOPPED = "stopped"
_TIMES = ("created_at", "updated_at", "archived_at")


class TriggersRepository(Repository[Trigger]):
    """Triggers for a change."""

    table = triggers
    kind = "trigger"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"triggers": 0}
        return int(row["triggers"])

    def last_position(self) -> int:
        """The position of the trigger that is tried last; -1 when there is none."""
        row = self._tx.fetch_one(_LAST, {"tenant_id": self._tx.tenant_id}) or {"last": -1}
        return int(row["last"])

    def _aggregate(self, row: sa.RowMapping) -> Trigger:
        return trigger_of(row)

    def _row(self, aggregate: Trigger) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": dict(definition.name),
            "position": definition.position,
            "events": [one.value for one in definition.events],
            "condition": definition.condition,
            "actions": documents_of(definition.actions),
            "active": aggregate.active,
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def trigger_of(row: Mapping[str, Any] | sa.RowMapping) -> Trigger:
    """The trigger that a row of the table stands for."""
    return Trigger(
        id=row["id"],
        version=row["version"],
        definition=TriggerDefinition(
            name=row["name"],
            position=row["position"],
            events=tuple(Event(one) for one in row["events"]),
            condition=row["condition"],
            actions=actions_of(row["actions"]),
        ),
        active=row["active"],
        **{name: row[name] for name in _TIMES},
    )


def triggers_on(reading: Reading | UnitOfWork, event: Event) -> Sequence[Trigger]:
    """Those that may fire on an event, in their order; read without a lock."""
    about = {"tenant_id": reading.caller.tenant_id, "event": event.value}
    return [trigger_of(row) for row in reading.fetch_all(_ON, about)]


def chain_from(tx: UnitOfWork, cause: UUID | None) -> Chain | None:
    """The chain that goes on from a fact; None where no trigger fired before."""
    if cause is None:
        return None
    row = tx.fetch_one(_CHAIN, {"tenant_id": tx.tenant_id, "fact_id": cause})
    if row is None:
        return None
    return Chain(row["ticket_id"], row["depth"], tuple(row["fired"]), row["stopped"])


def keep_chain(tx: UnitOfWork, fact_id: UUID, chain: Chain, now: datetime) -> None:
    """Keep how the chain goes on from a fact."""
    about = {"ticket_id": chain.ticket_id, "depth": chain.depth, "fired": list(chain.fired)}
    more = {"stopped": chain.stopped, "at": now, "fact_id": fact_id}
    tx.write(_KEEP_CHAIN, {"tenant_id": tx.tenant_id, **about, **more})


def fired_on(tx: UnitOfWork, fact_id: UUID) -> frozenset[UUID]:
    """The triggers that have fired on a fact already."""
    about = {"tenant_id": tx.tenant_id, "fact_id": fact_id}
    return frozenset(row["trigger_id"] for row in tx.fetch_all(_FIRED_ON, about))


def firings_since(tx: UnitOfWork, ticket_id: UUID, since: datetime) -> tuple[int, int]:
    """How often triggers fired about a ticket since then, and how often they were stopped."""
    about = {"tenant_id": tx.tenant_id, "ticket_id": ticket_id, "since": since}
    row = tx.fetch_one(_SINCE, about) or {"fired": 0, "stopped": 0}
    return int(row["fired"]), int(row["stopped"])


def keep_firing(tx: UnitOfWork, firing: Mapping[str, Any]) -> None:
    """Keep that a trigger fired, could not, or was stopped."""
    tx.write(_KEEP_FIRING, {"tenant_id": tx.tenant_id, **firing})


_COUNT = Statement("SELECT count(*) AS triggers FROM triggers WHERE tenant_id = %(tenant_id)s")
_LAST = Statement(
    "SELECT coalesce(max(position), -1) AS last FROM triggers"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
)
_ON = Statement(
    "SELECT id, version, name, position, events, condition, actions, active, created_at,"
    " updated_at, archived_at FROM triggers WHERE tenant_id = %(tenant_id)s AND active"
    " AND %(event)s = ANY(events) ORDER BY position, id"
)
_CHAIN = Statement(
    "SELECT ticket_id, depth, fired, stopped FROM trigger_chains"
    " WHERE tenant_id = %(tenant_id)s AND fact_id = %(fact_id)s"
)
_KEEP_CHAIN = Statement(
    "INSERT INTO trigger_chains (tenant_id, fact_id, ticket_id, depth, fired, stopped, at)"
    " VALUES (%(tenant_id)s, %(fact_id)s, %(ticket_id)s, %(depth)s, %(fired)s, %(stopped)s, %(at)s)"
    " ON CONFLICT (tenant_id, fact_id) DO NOTHING"
)
_FIRED_ON = Statement(
    "SELECT trigger_id FROM trigger_firings"
    " WHERE tenant_id = %(tenant_id)s AND fact_id = %(fact_id)s"
)
_SINCE = Statement(
    "SELECT count(*) FILTER (WHERE outcome <> 'stopped') AS fired,"
    " count(*) FILTER (WHERE outcome = 'stopped') AS stopped FROM trigger_firings"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s AND at > %(since)s"
)
_KEEP_FIRING = Statement(
    "INSERT INTO trigger_firings"
    " (tenant_id, id, trigger_id, ticket_id, fact_id, event, depth, outcome, at) VALUES"
    " (%(tenant_id)s, %(id)s, %(trigger_id)s, %(ticket_id)s, %(fact_id)s, %(event)s, %(depth)s,"
    " %(outcome)s, %(at)s)"
)
