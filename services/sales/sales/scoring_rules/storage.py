"""How scoring rules are kept: one row each; all of them are read to score a lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.scoring_rules.documents import definition_of, document_of
from sales.scoring_rules.domain import RuleDefinition, ScoringRule

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

scoring_rules = sa.Table(
    "scoring_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text(collation="C"), nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

Rules = Sequence[tuple[UUID, RuleDefinition]]


class ScoringRulesRepository(Repository[ScoringRule]):
    """Scoring rules for a change."""

    table = scoring_rules
    kind = "scoring rule"

    def count(self) -> int:
        """How many there are."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"rules": 0}
        return int(row["rules"])

    def _aggregate(self, row: sa.RowMapping) -> ScoringRule:
        return ScoringRule(
            id=row["id"],
            version=row["version"],
            definition=definition_of(row["definition"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: ScoringRule) -> dict[str, Any]:
        return {
            "kind": aggregate.definition.kind,
            "definition": document_of(aggregate.definition),
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def rules_in_force(reading: Reading | UnitOfWork) -> Rules:
    """The tenant's rules with their ids, the oldest first; read without a lock."""
    rows = reading.fetch_all(_IN_FORCE, {"tenant_id": reading.caller.tenant_id})
    return [(row["id"], definition_of(row["definition"])) for row in rows]


_COUNT = Statement("SELECT count(*) AS rules FROM scoring_rules WHERE tenant_id = %(tenant_id)s")
_IN_FORCE = Statement(
    "SELECT id, definition FROM scoring_rules WHERE tenant_id = %(tenant_id)s"
    " ORDER BY created_at, id"
)
