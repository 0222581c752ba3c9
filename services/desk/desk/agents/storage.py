"""How agents are kept: one row each, under the id of the user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.agents.domain import Agent, AgentProfile, AgentStatus, Skill, Standing

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

agents = sa.Table(
    "agents",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("skills", sa.JSON, nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("queue_ids", ARRAY(_uuid), nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("status_since", _time, nullable=False),
    sa.Column("status_until", _time),
    sa.Column("status_reason", _word, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_TIMES = ("status_since", "created_at", "updated_at", "archived_at")


class AgentsRepository(Repository[Agent]):
    """Agents for a change."""

    table = agents
    kind = "agent"
    owner: ClassVar[str | None] = "id"

    def is_there(self, agent_id: UUID) -> bool:
        """Whether a user is or was an agent, whoever asks."""
        about = {"tenant_id": self._tx.tenant_id, "id": agent_id}
        return self._tx.fetch_one(_IS_THERE, about) is not None

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"agents": 0}
        return int(row["agents"])

    def _aggregate(self, row: sa.RowMapping) -> Agent:
        return Agent(
            id=row["id"],
            version=row["version"],
            profile=profile_of(row),
            standing=Standing(
                AgentStatus(row["status"]), row["status_until"], row["status_reason"]
            ),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: Agent) -> dict[str, Any]:
        profile, standing = aggregate.profile, aggregate.standing
        return {
            "skills": [{"key": one.key, "level": one.level} for one in profile.skills],
            "languages": list(profile.languages),
            "capacity": profile.capacity,
            "queue_ids": list(profile.queue_ids),
            "status": standing.status,
            "status_until": standing.until,
            "status_reason": standing.reason,
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def profile_of(row: Mapping[str, Any] | sa.RowMapping) -> AgentProfile:
    """What a row of the table says of what an agent can do."""
    return AgentProfile(
        skills=tuple(Skill(one["key"], one["level"]) for one in row["skills"]),
        languages=tuple(row["languages"]),
        capacity=row["capacity"],
        queue_ids=tuple(row["queue_ids"]),
    )


_IS_THERE = Statement("SELECT id FROM agents WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
_COUNT = Statement("SELECT count(*) AS agents FROM agents WHERE tenant_id = %(tenant_id)s")
