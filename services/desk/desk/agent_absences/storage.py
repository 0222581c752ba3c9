"""How absences of agents are kept: one row each."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.agent_absences.domain import AgentAbsence

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

agent_absences = sa.Table(
    "agent_absences",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("agent_id", _uuid, nullable=False),
    sa.Column("begins_at", _time, nullable=False),
    sa.Column("ends_at", _time, nullable=False),
    sa.Column("reason", sa.Text(collation="C"), nullable=False),
    sa.Column("created_at", _time, nullable=False),
)
_OWN = ("agent_id", "begins_at", "ends_at", "reason", "created_at")


class AgentAbsencesRepository(Repository[AgentAbsence]):
    """Absences for a change."""

    table = agent_absences
    kind = "agent absence"
    owner: ClassVar[str | None] = "agent_id"

    def to_come(self, agent_id: UUID) -> int:
        """How many of an agent's are not over yet."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "agent_id": agent_id,
            "now": self._tx.clock.now(),
        }
        row = self._tx.fetch_one(_TO_COME, about) or {"absences": 0}
        return int(row["absences"])

    def _aggregate(self, row: sa.RowMapping) -> AgentAbsence:
        own = {name: row[name] for name in _OWN}
        return AgentAbsence(id=row["id"], version=row["version"], **own)

    def _row(self, aggregate: AgentAbsence) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


_TO_COME = Statement(
    "SELECT count(*) AS absences FROM agent_absences WHERE tenant_id = %(tenant_id)s"
    " AND agent_id = %(agent_id)s AND ends_at > %(now)s"
)
