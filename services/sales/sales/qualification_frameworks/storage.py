"""How frameworks are kept: one row each, and one for every definition that ever held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.qualification_frameworks.documents import definition_of, document_of
from sales.qualification_frameworks.domain import FrameworkDefinition, QualificationFramework

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

qualification_frameworks = sa.Table(
    "qualification_frameworks",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_TIMES = ("created_at", "updated_at", "archived_at")


class QualificationFrameworksRepository(Repository[QualificationFramework]):
    """Frameworks for a change."""

    table = qualification_frameworks
    kind = "qualification framework"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"frameworks": 0}
        return int(row["frameworks"])

    def _aggregate(self, row: sa.RowMapping) -> QualificationFramework:
        return QualificationFramework(
            id=row["id"],
            version=row["version"],
            number=row["number"],
            definition=definition_of(row["definition"]),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: QualificationFramework) -> dict[str, Any]:
        return {
            "number": aggregate.number,
            "definition": document_of(aggregate.definition),
            **{name: getattr(aggregate, name) for name in _TIMES},
        }

    def _stored(self, aggregate: QualificationFramework, *, new: bool) -> None:  # noqa: ARG002 - what was kept stays
        self._tx.write(
            _KEEP,
            {
                "tenant_id": self._tx.tenant_id,
                "framework_id": aggregate.id,
                "number": aggregate.number,
                "definition": json_text(document_of(aggregate.definition)),
                "defined_at": aggregate.updated_at,
                "defined_by": self._tx.caller.actor,
            },
        )


def newest_definition(
    reading: Reading | UnitOfWork, framework_id: UUID
) -> tuple[int, FrameworkDefinition, bool] | None:
    """The number of the newest definition, the definition, and whether the framework is archived.

    Read without a lock: many begin to be assessed by one framework at the same time.
    """
    about = {"tenant_id": reading.caller.tenant_id, "framework_id": framework_id}
    row = reading.fetch_one(_NEWEST, about)
    if row is None:
        return None
    return row["number"], definition_of(row["definition"]), row["archived_at"] is not None


def definition_numbered(
    reading: Reading | UnitOfWork, framework_id: UUID, number: int
) -> FrameworkDefinition:
    """A definition that holds or held; what was kept once stays."""
    about = {"tenant_id": reading.caller.tenant_id, "framework_id": framework_id, "number": number}
    row = reading.fetch_one(_NUMBERED, about)
    if row is None:
        raise RuntimeError(f"framework {framework_id} has lost its definition {number}")
    return definition_of(row["definition"])


_COUNT = Statement(
    "SELECT count(*) AS frameworks FROM qualification_frameworks WHERE tenant_id = %(tenant_id)s"
)
_KEEP = Statement(
    "INSERT INTO qualification_definitions"
    " (tenant_id, framework_id, number, definition, defined_at, defined_by)"
    " VALUES (%(tenant_id)s, %(framework_id)s, %(number)s, %(definition)s, %(defined_at)s,"
    " %(defined_by)s) ON CONFLICT DO NOTHING"
)
_NEWEST = Statement(
    "SELECT number, definition, archived_at FROM qualification_frameworks"
    " WHERE tenant_id = %(tenant_id)s AND id = %(framework_id)s"
)
_NUMBERED = Statement(
    "SELECT definition FROM qualification_definitions WHERE tenant_id = %(tenant_id)s"
    " AND framework_id = %(framework_id)s AND number = %(number)s"
)
