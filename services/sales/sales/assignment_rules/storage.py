"""How assignment rules are kept: one row each, with whose turn it was last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.assignment_rules.domain import (
    AssignmentRule,
    Conditions,
    Method,
    Promise,
    RuleDefinition,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

assignment_rules = sa.Table(
    "assignment_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("method", _word, nullable=False),
    sa.Column("conditions", sa.JSON, nullable=False),
    sa.Column("user_ids", sa.JSON, nullable=False),
    sa.Column("most_open_leads", sa.Integer),
    sa.Column("promise", sa.JSON),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_TIMES = ("created_at", "updated_at", "archived_at")


class AssignmentRulesRepository(Repository[AssignmentRule]):
    """Assignment rules for a change."""

    table = assignment_rules
    kind = "assignment rule"

    def __init__(self, tx: UnitOfWork) -> None:
        super().__init__(tx)
        self._tried: Sequence[AssignmentRule] | None = None

    def in_use(self) -> Sequence[AssignmentRule]:
        """Those that are tried, in their order; read once, without a lock."""
        if self._tried is None:
            self._tried = rules_in_use(self._tx)
        return self._tried

    def one_at_a_time(self) -> None:
        """Have whoever else assigns leads of this tenant wait until the commit.

        Whose turn it is, and how much each has, is then the same for all.
        """
        self._tx.fetch_one(_ONE_AT_A_TIME, {"tenant_id": self._tx.tenant_id})

    def note_turn(self, assignment_rule_id: UUID, user_id: UUID) -> None:
        """Have it be everybody else's turn first."""
        about = {"assignment_rule_id": assignment_rule_id, "user_id": user_id}
        self._tx.write(_TURN, {"tenant_id": self._tx.tenant_id, **about})

    def forget(self) -> None:
        """Drop all that is known: part of the work was undone."""
        super().forget()
        self._tried = None

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"rules": 0}
        return int(row["rules"])

    def last_position(self) -> int:
        """The position of the rule that is tried last; -1 when there is none."""
        row = self._tx.fetch_one(_LAST, {"tenant_id": self._tx.tenant_id}) or {"last": -1}
        return int(row["last"])

    def _aggregate(self, row: sa.RowMapping) -> AssignmentRule:
        return rule_of(row)

    def _row(self, aggregate: AssignmentRule) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": definition.name,
            "position": definition.position,
            "method": definition.method,
            "conditions": conditions_document(definition.conditions),
            "user_ids": [str(user_id) for user_id in definition.user_ids],
            "most_open_leads": definition.most_open_leads,
            "promise": promise_document(definition.promise),
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def rule_of(row: Mapping[str, Any] | sa.RowMapping) -> AssignmentRule:
    """The rule that a row of the table stands for."""
    return AssignmentRule(
        id=row["id"],
        version=row["version"],
        definition=RuleDefinition(
            name=row["name"],
            position=row["position"],
            method=Method(row["method"]),
            conditions=_conditions_of(row["conditions"]),
            user_ids=tuple(UUID(user_id) for user_id in row["user_ids"]),
            most_open_leads=row["most_open_leads"],
            promise=_promise_of(row["promise"]),
        ),
        **{name: row[name] for name in _TIMES},
    )


def rules_in_use(reading: Reading | UnitOfWork) -> Sequence[AssignmentRule]:
    """Those that are tried, in their order; read without a lock."""
    rows = reading.fetch_all(_IN_USE, {"tenant_id": reading.caller.tenant_id})
    return [rule_of(row) for row in rows]


def conditions_document(conditions: Conditions) -> dict[str, Any]:
    """Conditions as JSON has them."""
    return {
        "sources": list(conditions.sources),
        "campaigns": list(conditions.campaigns),
        "languages": list(conditions.languages),
        "territory_ids": [str(territory_id) for territory_id in conditions.territory_ids],
        "lowest_score": conditions.lowest_score,
        "highest_score": conditions.highest_score,
    }


def promise_document(promise: Promise | None) -> dict[str, Any] | None:
    """A promise as JSON has it."""
    if promise is None:
        return None
    user_id = promise.escalation_user_id
    return {
        "within_minutes": promise.within_minutes,
        "most_reassignments": promise.most_reassignments,
        "escalation_user_id": None if user_id is None else str(user_id),
    }


def _conditions_of(document: Mapping[str, Any]) -> Conditions:
    return Conditions(
        sources=tuple(document["sources"]),
        campaigns=tuple(document["campaigns"]),
        languages=tuple(document["languages"]),
        territory_ids=tuple(UUID(one) for one in document["territory_ids"]),
        lowest_score=document["lowest_score"],
        highest_score=document["highest_score"],
    )


def _promise_of(document: Mapping[str, Any] | None) -> Promise | None:
    if document is None:
        return None
    user_id = document["escalation_user_id"]
    return Promise(
        within_minutes=document["within_minutes"],
        most_reassignments=document["most_reassignments"],
        escalation_user_id=None if user_id is None else UUID(user_id),
    )


_COUNT = Statement("SELECT count(*) AS rules FROM assignment_rules WHERE tenant_id = %(tenant_id)s")
_LAST = Statement(
    "SELECT coalesce(max(position), -1) AS last FROM assignment_rules"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
)
_ONE_AT_A_TIME = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('assignment of ' || %(tenant_id)s::text, 0))"
)
_TURN = Statement(
    "INSERT INTO assignment_turns (tenant_id, assignment_rule_id, user_id, turn)"
    " SELECT %(tenant_id)s, %(assignment_rule_id)s, %(user_id)s, coalesce(max(turn), 0) + 1"
    " FROM assignment_turns WHERE tenant_id = %(tenant_id)s"
    " AND assignment_rule_id = %(assignment_rule_id)s"
    " ON CONFLICT (tenant_id, assignment_rule_id, user_id) DO UPDATE SET turn = excluded.turn"
)
_IN_USE = Statement(
    "SELECT id, version, name, position, method, conditions, user_ids, most_open_leads, promise,"
    " created_at, updated_at, archived_at FROM assignment_rules"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL ORDER BY position, id"
)
