"""How types of requests for approval are kept: one row each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.approval_types.documents import field_document, field_of, step_document, step_of
from sales.approval_types.domain import ApprovalType, ApprovalTypeDefinition

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

approval_types = sa.Table(
    "approval_types",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("key", "created_at", "updated_at", "archived_at")


class ApprovalTypesRepository(Repository[ApprovalType]):
    """Types for a change, and for whoever asks for something of one."""

    table = approval_types
    kind = "approval type"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"types": 0}
        return int(row["types"])

    def _aggregate(self, row: sa.RowMapping) -> ApprovalType:
        return ApprovalType(
            id=row["id"],
            version=row["version"],
            definition=ApprovalTypeDefinition(
                name=row["name"],
                fields=tuple(field_of(one) for one in row["fields"]),
                steps=tuple(step_of(one) for one in row["steps"]),
            ),
            **{name: row[name] for name in _OWN},
        )

    def _row(self, aggregate: ApprovalType) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": definition.name,
            "fields": [field_document(one) for one in definition.fields],
            "steps": [step_document(one) for one in definition.steps],
            **{name: getattr(aggregate, name) for name in _OWN},
        }


_COUNT = Statement("SELECT count(*) AS types FROM approval_types WHERE tenant_id = %(tenant_id)s")
