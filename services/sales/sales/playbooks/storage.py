"""How playbooks are kept: one row each, found by pipeline and stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.pipelines.domain import ActivityKind
from sales.playbooks.domain import Playbook, PlaybookDefinition, Step

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

playbooks = sa.Table(
    "playbooks",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pipeline_id", _uuid, nullable=False),
    sa.Column("stage", _word, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_TIMES = ("created_at", "updated_at", "archived_at")


class PlaybooksRepository(Repository[Playbook]):
    """Playbooks for a change, and those that a stage calls for."""

    table = playbooks
    kind = "playbook"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"playbooks": 0}
        return int(row["playbooks"])

    def called_for(self, pipeline_id: UUID, stage: str) -> Sequence[tuple[UUID, Sequence[Step]]]:
        """The playbooks of a stage with their steps, the oldest first; read without a lock."""
        about = {"tenant_id": self._tx.tenant_id, "pipeline_id": pipeline_id, "stage": stage}
        rows = self._tx.fetch_all(_CALLED_FOR, about)
        return [(row["id"], [step_of(one) for one in row["steps"]]) for row in rows]

    def _aggregate(self, row: sa.RowMapping) -> Playbook:
        return Playbook(
            id=row["id"],
            version=row["version"],
            definition=PlaybookDefinition(
                name=row["name"],
                pipeline_id=row["pipeline_id"],
                stage=row["stage"],
                steps=tuple(step_of(one) for one in row["steps"]),
            ),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: Playbook) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "pipeline_id": definition.pipeline_id,
            "stage": definition.stage,
            "name": definition.name,
            "steps": [document_of(step) for step in definition.steps],
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def document_of(step: Step) -> dict[str, Any]:
    """A step as JSON has it."""
    return {
        "key": step.key,
        "kind": step.kind,
        "subject": step.subject,
        "description": step.description,
        "due_after_hours": step.due_after_hours,
        "remind_hours_before": step.remind_hours_before,
        "owner_id": None if step.owner_id is None else str(step.owner_id),
    }


def step_of(document: Mapping[str, Any]) -> Step:
    """The step that a document gives."""
    owner_id = document["owner_id"]
    return Step(
        key=document["key"],
        kind=ActivityKind(document["kind"]),
        subject=document["subject"],
        description=document["description"],
        due_after_hours=document["due_after_hours"],
        remind_hours_before=document["remind_hours_before"],
        owner_id=None if owner_id is None else UUID(owner_id),
    )


_COUNT = Statement("SELECT count(*) AS playbooks FROM playbooks WHERE tenant_id = %(tenant_id)s")
_CALLED_FOR = Statement(
    "SELECT id, steps FROM playbooks WHERE tenant_id = %(tenant_id)s"
    " AND pipeline_id = %(pipeline_id)s AND stage = %(stage)s AND archived_at IS NULL"
    " ORDER BY created_at, id"
)
