"""How assessments are kept: one row for a lead and a framework."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.assessments.domain import Answer, Assessment
from sales.qualification_frameworks.storage import definition_numbered

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

lead_assessments = sa.Table(
    "lead_assessments",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("lead_id", _uuid, nullable=False),
    sa.Column("framework_id", _uuid, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_PLAIN = ("lead_id", "framework_id", "number", "created_at", "updated_at")


class AssessmentsRepository(Repository[Assessment]):
    """Assessments for a change; whoever asks for one has the lead locked already."""

    table = lead_assessments
    kind = "assessment"

    def of_lead(self, lead_id: UUID, framework_id: UUID) -> Assessment | None:
        """What the lead has answered to the framework; None before the first answer."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "lead_id": lead_id,
            "framework_id": framework_id,
        }
        row = self._tx.fetch_one(_OF_LEAD, about)
        return None if row is None else self.get(row["id"])

    def _aggregate(self, row: sa.RowMapping) -> Assessment:
        return Assessment(
            id=row["id"],
            version=row["version"],
            definition=definition_numbered(self._tx, row["framework_id"], row["number"]),
            answers=tuple(answer_of(one) for one in row["answers"]),
            **{name: row[name] for name in _PLAIN},
        )

    def _row(self, aggregate: Assessment) -> dict[str, Any]:
        return {
            "answers": [answer_document(one) for one in aggregate.answers],
            **{name: getattr(aggregate, name) for name in _PLAIN},
        }


def answer_document(answer: Answer) -> dict[str, Any]:
    """An answer as JSON has it."""
    return {
        "question": answer.question,
        "answer": answer.answer,
        "evidence": answer.evidence,
        "at": answer.at.isoformat(),
        "by": answer.by,
        "activity_id": None if answer.activity_id is None else str(answer.activity_id),
    }


def answer_of(document: Mapping[str, Any]) -> Answer:
    """The answer that a document gives."""
    activity_id = document["activity_id"]
    return Answer(
        question=document["question"],
        answer=document["answer"],
        evidence=document["evidence"],
        at=datetime.fromisoformat(document["at"]).astimezone(UTC),
        by=document["by"],
        activity_id=None if activity_id is None else UUID(activity_id),
    )


_OF_LEAD = Statement(
    "SELECT id FROM lead_assessments WHERE tenant_id = %(tenant_id)s"
    " AND lead_id = %(lead_id)s AND framework_id = %(framework_id)s"
)
