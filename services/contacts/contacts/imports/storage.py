"""How imports are kept: the import, its file in pieces, its runs, and what became of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.tables import jobs
from chassis.work.jobs import FINISHED
from contacts.imports.domain import (
    ColumnTarget,
    Duplicates,
    FileFormat,
    Import,
    ImportPlan,
    ImportState,
    InvalidValues,
    ReadingOptions,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)


def _key(name: str, kind: Any = _uuid) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


imports = sa.Table(
    "imports",
    metadata,
    _key("tenant_id"),
    _key("id"),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("owner_id", _uuid),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("analysis", sa.JSON, nullable=False),
    sa.Column("examples", sa.JSON, nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("problem", sa.JSON, nullable=False),
    sa.Column("job_id", _uuid),
    sa.Column("runs", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

import_parts = sa.Table(
    "import_parts",
    metadata,
    _key("tenant_id"),
    _key("import_id"),
    _key("number", sa.Integer),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
)

import_pieces = sa.Table(
    "import_pieces",
    metadata,
    _key("tenant_id"),
    _key("import_id"),
    _key("part", sa.Integer),
    _key("piece", sa.Integer),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

import_runs = sa.Table(
    "import_runs",
    metadata,
    _key("tenant_id"),
    _key("import_id"),
    _key("number", sa.Integer),
    sa.Column("dry", sa.Boolean, nullable=False),
    sa.Column("last_row", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("skipped", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("suspected", sa.BigInteger, nullable=False),
    sa.Column("started_at", _time, nullable=False),
    sa.Column("finished_at", _time),
    sa.Column("cancelled", sa.Boolean, nullable=False),
)

import_rows = sa.Table(
    "import_rows",
    metadata,
    _key("tenant_id"),
    _key("import_id"),
    _key("run", sa.Integer),
    _key("row", sa.BigInteger),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("cells", sa.JSON),
    sa.Column("before", sa.JSON),
    sa.Column("before_version", sa.BigInteger),
    sa.Column("version", sa.BigInteger),
)

import_keys = sa.Table(
    "import_keys",
    metadata,
    _key("tenant_id"),
    _key("import_id"),
    _key("run", sa.Integer),
    _key("kind", sa.Text(collation="C")),
    _key("key", sa.Text(collation="C")),
    _key("person_id"),
    sa.Column("row", sa.BigInteger),
)

import_kept = sa.Table(
    "import_kept",
    metadata,
    _key("tenant_id"),
    _key("import_id"),
    _key("person_id"),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)


class ImportsRepository(Repository[Import]):
    """Imports for a change."""

    table = imports
    kind = "import"
    owner: ClassVar[str | None] = "owner_id"

    def settled(self, import_id: UUID) -> Import:
        """The import, as it is if the work on it has ended before its time; else as `get`."""
        found = self.get(import_id)
        if found.job_id is not None and not self._is_at_work(found.job_id):
            found.settle()
        return found

    def _is_at_work(self, job_id: UUID) -> bool:
        state = self._tx.connection.execute(
            sa.select(jobs.c.state).where(
                jobs.c.tenant_id == self._tx.tenant_id, jobs.c.id == job_id
            )
        ).scalar()
        return state is not None and state not in FINISHED

    def _aggregate(self, row: sa.RowMapping) -> Import:
        return import_of(row)

    def _row(self, aggregate: Import) -> dict[str, Any]:
        return {
            "name": aggregate.name,
            "state": aggregate.state,
            "owner_id": aggregate.owner_id,
            "options": asdict(aggregate.options),
            "analysis": aggregate.analysis,
            "examples": aggregate.examples,
            "plan": asdict(aggregate.plan) if aggregate.plan else {},
            "problem": aggregate.problem or {},
            "job_id": aggregate.job_id,
            "runs": aggregate.runs,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def import_of(row: sa.RowMapping) -> Import:
    """The import that a row of `imports` holds."""
    return Import(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        state=ImportState(row["state"]),
        owner_id=row["owner_id"],
        options=options_of(row["options"]),
        analysis=row["analysis"],
        examples=tuple(tuple(values) for values in row["examples"]),
        plan=plan_of(row["plan"]) if row["plan"] else None,
        problem=row["problem"] or None,
        job_id=row["job_id"],
        runs=row["runs"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def options_of(stored: Mapping[str, Any]) -> ReadingOptions:
    """Reading options out of their document."""
    named = stored["format"]
    return ReadingOptions(**{**stored, "format": FileFormat(named) if named else None})


def plan_of(stored: Mapping[str, Any]) -> ImportPlan:
    """A plan out of its document."""
    owner = stored["owner_id"]
    return ImportPlan(
        columns=tuple(ColumnTarget(**target) for target in stored["columns"]),
        key=stored["key"],
        duplicates=Duplicates(stored["duplicates"]),
        invalid_values=InvalidValues(stored["invalid_values"]),
        tags=tuple(stored["tags"]),
        owner_id=UUID(owner) if owner else None,
        source=stored["source"],
        lifecycle_stage=stored["lifecycle_stage"],
    )
