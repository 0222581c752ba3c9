"""How playbooks are kept: one row each, found by pipeline and stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from sales.lead_conditions.documents import condition_document, condition_of
from sales.leads.domain import Lead
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
    sa.Column("pipeline_id", _uuid),
    sa.Column("stage", _word, nullable=False),
    sa.Column("lead_conditions", sa.JSON, nullable=False),
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

    def __init__(self, tx: UnitOfWork) -> None:
        super().__init__(tx)
        self._for_leads: list[tuple[UUID, PlaybookDefinition]] | None = None

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"playbooks": 0}
        return int(row["playbooks"])

    def called_for(self, pipeline_id: UUID, stage: str) -> Sequence[tuple[UUID, Sequence[Step]]]:
        """The playbooks of a stage with their steps, the oldest first; read without a lock."""
        about = {"tenant_id": self._tx.tenant_id, "pipeline_id": pipeline_id, "stage": stage}
        rows = self._tx.fetch_all(_CALLED_FOR, about)
        return [(row["id"], [step_of(one) for one in row["steps"]]) for row in rows]

    def fitting(self, lead: Lead) -> Sequence[tuple[UUID, PlaybookDefinition]]:
        """The playbooks to begin for a lead, that have not yet, the oldest first; without a lock."""
        about = {"tenant_id": self._tx.tenant_id, "lead_id": lead.id}
        if self._for_leads is None:
            self._for_leads = [
                (row["id"], definition_of(row)) for row in self._tx.fetch_all(_FOR_LEADS, about)
            ]
        found = [(key, definition) for key, definition in self._for_leads if definition.fits(lead)]
        if not found:
            return ()
        begun = {row["playbook_id"] for row in self._tx.fetch_all(_BEGUN, about)}
        return [(key, definition) for key, definition in found if key not in begun]

    def begin(self, playbook_id: UUID, lead_id: UUID, now: datetime) -> None:
        """Have it kept that a playbook has begun for a lead; whoever calls has the lead locked."""
        about = {"tenant_id": self._tx.tenant_id, "lead_id": lead_id, "playbook_id": playbook_id}
        self._tx.write(_BEGIN, {**about, "now": now})

    def _aggregate(self, row: sa.RowMapping) -> Playbook:
        return Playbook(
            id=row["id"],
            version=row["version"],
            definition=definition_of(row),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: Playbook) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "pipeline_id": definition.pipeline_id,
            "stage": definition.stage,
            "name": definition.name,
            "steps": [document_of(step) for step in definition.steps],
            "lead_conditions": [condition_document(one) for one in definition.lead_conditions],
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def definition_of(row: Mapping[str, Any] | sa.RowMapping) -> PlaybookDefinition:
    """The definition that a row of the table gives."""
    return PlaybookDefinition(
        name=row["name"],
        pipeline_id=row["pipeline_id"],
        stage=row["stage"],
        steps=tuple(step_of(one) for one in row["steps"]),
        lead_conditions=tuple(condition_of(one) for one in row["lead_conditions"]),
    )


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


_FOR_LEADS = Statement(
    "SELECT id, name, pipeline_id, stage, steps, lead_conditions FROM playbooks"
    " WHERE tenant_id = %(tenant_id)s AND pipeline_id IS NULL AND archived_at IS NULL"
    " ORDER BY created_at, id"
)
_BEGUN = Statement(
    "SELECT playbook_id FROM lead_playbook_starts"
    " WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
)
_BEGIN = Statement(
    "INSERT INTO lead_playbook_starts (tenant_id, lead_id, playbook_id, started_at)"
    " VALUES (%(tenant_id)s, %(lead_id)s, %(playbook_id)s, %(now)s)"
)
_COUNT = Statement("SELECT count(*) AS playbooks FROM playbooks WHERE tenant_id = %(tenant_id)s")
_CALLED_FOR = Statement(
    "SELECT id, steps FROM playbooks WHERE tenant_id = %(tenant_id)s"
    " AND pipeline_id = %(pipeline_id)s AND stage = %(stage)s AND archived_at IS NULL"
    " ORDER BY created_at, id"
)
