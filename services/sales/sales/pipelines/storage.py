"""How pipelines are kept: one row each, and one for every definition that ever held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.pipelines.documents import definition_of, document_of
from sales.pipelines.domain import Pipeline, PipelineDefinition

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

pipelines = sa.Table(
    "pipelines",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
pipeline_definitions = sa.Table(
    "pipeline_definitions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("pipeline_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("defined_at", _time, nullable=False),
    sa.Column("defined_by", sa.Text, nullable=False),
)
_TIMES = ("created_at", "updated_at", "archived_at")


class PipelinesRepository(Repository[Pipeline]):
    """Pipelines for a change."""

    table = pipelines
    kind = "pipeline"

    def has_any(self) -> bool:
        """Whether the tenant has one, archived or not."""
        return self._tx.fetch_one(_ANY, {"tenant_id": self._tx.tenant_id}) is not None

    def _aggregate(self, row: sa.RowMapping) -> Pipeline:
        return Pipeline(
            id=row["id"],
            version=row["version"],
            number=row["number"],
            definition=definition_of(row["definition"]),
            **{name: row[name] for name in _TIMES},
        )

    def _row(self, aggregate: Pipeline) -> dict[str, Any]:
        return {
            "number": aggregate.number,
            "definition": document_of(aggregate.definition),
            **{name: getattr(aggregate, name) for name in _TIMES},
        }

    def _stored(self, aggregate: Pipeline, *, new: bool) -> None:  # noqa: ARG002 - what was kept stays
        about = {"tenant_id": self._tx.tenant_id, "pipeline_id": aggregate.id}
        self._tx.write(
            _KEEP,
            {
                **about,
                "number": aggregate.number,
                "definition": json_text(document_of(aggregate.definition)),
                "defined_at": aggregate.updated_at,
                "defined_by": self._tx.caller.actor,
            },
        )


def newest_definition(
    reading: Reading | UnitOfWork, pipeline_id: UUID
) -> tuple[int, PipelineDefinition, bool] | None:
    """The number of the newest definition, the definition, and whether the pipeline is archived.

    Read without a lock: many open opportunities in one pipeline at the same time.
    """
    about = {"tenant_id": reading.caller.tenant_id, "pipeline_id": pipeline_id}
    row = reading.fetch_one(_NEWEST, about)
    if row is None:
        return None
    return row["number"], definition_of(row["definition"]), row["archived_at"] is not None


def definition_numbered(
    reading: Reading | UnitOfWork, pipeline_id: UUID, number: int
) -> PipelineDefinition:
    """A definition that holds or held; what was kept once stays."""
    about = {"tenant_id": reading.caller.tenant_id, "pipeline_id": pipeline_id, "number": number}
    row = reading.fetch_one(_NUMBERED, about)
    if row is None:
        raise RuntimeError(f"pipeline {pipeline_id} has lost its definition {number}")
    return definition_of(row["definition"])


def oldest_pipeline(reading: Reading | UnitOfWork) -> UUID | None:
    """The oldest pipeline that takes anything, for what names none; read without a lock."""
    row = reading.fetch_one(_OLDEST, {"tenant_id": reading.caller.tenant_id})
    return None if row is None else UUID(str(row["id"]))


_ANY = Statement("SELECT id FROM pipelines WHERE tenant_id = %(tenant_id)s LIMIT 1")
_KEEP = Statement(
    Statement.of(sa.insert(pipeline_definitions), pipeline_definitions.c.keys()).sql
    + " ON CONFLICT DO NOTHING"
)
_NEWEST = Statement(
    "SELECT number, definition, archived_at FROM pipelines"
    " WHERE tenant_id = %(tenant_id)s AND id = %(pipeline_id)s"
)
_NUMBERED = Statement(
    "SELECT definition FROM pipeline_definitions"
    " WHERE tenant_id = %(tenant_id)s AND pipeline_id = %(pipeline_id)s AND number = %(number)s"
)
_OLDEST = Statement(
    "SELECT id FROM pipelines WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " ORDER BY created_at, id LIMIT 1"
)
