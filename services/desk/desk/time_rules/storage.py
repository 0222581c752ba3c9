"""How time rules are kept, and about which tickets each has fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.ticket_actions.documents import actions_of, documents_of
from desk.time_rules.domain import Since, TimeRule, TimeRuleDefinition

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

time_rules = sa.Table(
    "time_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("since", _word, nullable=False),
    sa.Column("hours", sa.Integer, nullable=False),
    sa.Column("business_calendar_id", _uuid),
    sa.Column("condition", _word, nullable=False),
    sa.Column("actions", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
DONE = "done"
_PLAIN = ("position", "hours", "business_calendar_id", "condition")
_TIMES = ("created_at", "updated_at", "archived_at")


class TimeRulesRepository(Repository[TimeRule]):
    """Time rules for a change."""

    table = time_rules
    kind = "time rule"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"rules": 0}
        return int(row["rules"])

    def last_position(self) -> int:
        """The position of the rule that is tried last; -1 when there is none."""
        row = self._tx.fetch_one(_LAST, {"tenant_id": self._tx.tenant_id}) or {"last": -1}
        return int(row["last"])

    def _aggregate(self, row: sa.RowMapping) -> TimeRule:
        return rule_of(row)

    def _row(self, aggregate: TimeRule) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            **{name: getattr(definition, name) for name in _PLAIN},
            "name": dict(definition.name),
            "since": definition.since,
            "actions": documents_of(definition.actions),
            "active": aggregate.active,
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def rule_of(row: Mapping[str, Any] | sa.RowMapping) -> TimeRule:
    """The time rule that a row of the table stands for."""
    return TimeRule(
        id=row["id"],
        version=row["version"],
        definition=TimeRuleDefinition(
            **{name: row[name] for name in _PLAIN},
            name=row["name"],
            since=Since(row["since"]),
            actions=actions_of(row["actions"]),
        ),
        active=row["active"],
        **{name: row[name] for name in _TIMES},
    )


def time_rules_in_use(reading: Reading | UnitOfWork) -> Sequence[TimeRule]:
    """Those that fire, in their order; read without a lock."""
    rows = reading.fetch_all(_IN_USE, {"tenant_id": reading.caller.tenant_id})
    return [rule_of(row) for row in rows]


def are_there_time_rules(reading: Reading | UnitOfWork) -> bool:
    """Whether any time rule fires."""
    return reading.fetch_one(_ANY, {"tenant_id": reading.caller.tenant_id}) is not None


def fired_about(tx: UnitOfWork, ticket_id: UUID) -> Mapping[UUID, datetime]:
    """The rules that have fired about a ticket, each with the moment from which it had counted."""
    rows = tx.fetch_all(_FIRED, {"tenant_id": tx.tenant_id, "ticket_id": ticket_id})
    return {row["time_rule_id"]: row["counted_from"] for row in rows}


def keep_fired(
    tx: UnitOfWork, time_rule_id: UUID, ticket_id: UUID, counted_from: datetime, outcome: str
) -> None:
    """Keep that a rule has fired about a ticket, for the moment that holds from now on."""
    about = {"tenant_id": tx.tenant_id, "time_rule_id": time_rule_id, "ticket_id": ticket_id}
    how = {"counted_from": counted_from, "outcome": outcome, "now": tx.clock.now()}
    tx.write(_KEEP, {**about, **how})


def unclosed_after(tx: UnitOfWork, after: UUID | None, most: int) -> Sequence[UUID]:
    """Some of the tickets that are not closed, in the order of their ids."""
    about = {"tenant_id": tx.tenant_id, "after": after or UUID(int=0), "most": most}
    return [row["id"] for row in tx.fetch_all(_UNCLOSED, about)]


_COUNT = Statement("SELECT count(*) AS rules FROM time_rules WHERE tenant_id = %(tenant_id)s")
_LAST = Statement(
    "SELECT coalesce(max(position), -1) AS last FROM time_rules"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
)
_IN_USE = Statement(
    "SELECT id, version, name, position, since, hours, business_calendar_id, condition, actions,"
    " active, created_at, updated_at, archived_at FROM time_rules"
    " WHERE tenant_id = %(tenant_id)s AND active ORDER BY position, id"
)
_ANY = Statement(
    "SELECT 1 AS found FROM time_rules WHERE tenant_id = %(tenant_id)s AND active LIMIT 1"
)
_FIRED = Statement(
    "SELECT time_rule_id, counted_from FROM time_rule_firings"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
)
_KEEP = Statement(
    "INSERT INTO time_rule_firings"
    " (tenant_id, time_rule_id, ticket_id, counted_from, outcome, fired_at) VALUES"
    " (%(tenant_id)s, %(time_rule_id)s, %(ticket_id)s, %(counted_from)s, %(outcome)s, %(now)s)"
    " ON CONFLICT (tenant_id, ticket_id, time_rule_id) DO UPDATE SET"
    " counted_from = excluded.counted_from, outcome = excluded.outcome, fired_at = excluded.fired_at"
)
_UNCLOSED = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND id > %(after)s"
    " AND status <> 'closed' ORDER BY id LIMIT %(most)s"
)
