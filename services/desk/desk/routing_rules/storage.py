"""How routing rules are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.agents.domain import Skill
from desk.routing_rules.domain import RoutingDefinition, RoutingRule
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

routing_rules = sa.Table(
    "routing_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("condition", _word, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("skills", sa.JSON, nullable=False),
    sa.Column("same_language", sa.Boolean, nullable=False),
    sa.Column("raise_priority_to", _word),
    sa.Column("owner_first", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_PLAIN = ("name", "position", "condition", "queue_id", "same_language", "owner_first")
_TIMES = ("created_at", "updated_at", "archived_at")


class RoutingRulesRepository(Repository[RoutingRule]):
    """Routing rules for a change."""

    table = routing_rules
    kind = "routing rule"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"rules": 0}
        return int(row["rules"])

    def last_position(self) -> int:
        """The position of the rule that is tried last; -1 when there is none."""
        row = self._tx.fetch_one(_LAST, {"tenant_id": self._tx.tenant_id}) or {"last": -1}
        return int(row["last"])

    def _aggregate(self, row: sa.RowMapping) -> RoutingRule:
        return rule_of(row)

    def _row(self, aggregate: RoutingRule) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            **{name: getattr(definition, name) for name in _PLAIN},
            "skills": skills_document(definition.skills),
            "raise_priority_to": definition.raise_priority_to,
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def rule_of(row: Mapping[str, Any] | sa.RowMapping) -> RoutingRule:
    """The rule that a row of the table stands for."""
    raised = row["raise_priority_to"]
    return RoutingRule(
        id=row["id"],
        version=row["version"],
        definition=RoutingDefinition(
            **{name: row[name] for name in _PLAIN},
            skills=skills_of(row["skills"]),
            raise_priority_to=None if raised is None else Priority(raised),
        ),
        **{name: row[name] for name in _TIMES},
    )


def rules_in_use(reading: Reading | UnitOfWork) -> Sequence[RoutingRule]:
    """Those that are tried, in their order; read without a lock."""
    rows = reading.fetch_all(_IN_USE, {"tenant_id": reading.caller.tenant_id})
    return [rule_of(row) for row in rows]


def skills_document(skills: Sequence[Skill]) -> list[dict[str, Any]]:
    """Skills as JSON has them."""
    return [{"key": one.key, "level": one.level} for one in skills]


def skills_of(document: Sequence[Mapping[str, Any]]) -> tuple[Skill, ...]:
    """The skills that JSON has."""
    return tuple(Skill(one["key"], one["level"]) for one in document)


_COUNT = Statement("SELECT count(*) AS rules FROM routing_rules WHERE tenant_id = %(tenant_id)s")
_LAST = Statement(
    "SELECT coalesce(max(position), -1) AS last FROM routing_rules"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
)
_IN_USE = Statement(
    "SELECT id, version, name, position, condition, queue_id, skills, same_language,"
    " raise_priority_to, owner_first, created_at, updated_at, archived_at FROM routing_rules"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL ORDER BY position, id"
)
