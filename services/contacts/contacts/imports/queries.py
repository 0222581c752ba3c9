"""Reads imports, their rows and what was kept, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    integer_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import Reading, UnitOfWork
from chassis.work.jobs import FINISHED
from contacts.imports.domain import BROKEN_OFF, Import, RowOutcome
from contacts.imports.storage import import_kept, import_of, import_rows, import_runs, imports

_columns = imports.c
_rows = import_rows.c

IMPORTS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "name": _columns.name},
    default_sort="-created_at",
    filters={
        "name": text_filter(_columns.name),
        "owner_id": uuid_filter(_columns.owner_id),
        "created_at": time_filter(_columns.created_at),
    },
)

ROWS = ListSpec(
    key=_rows.row,
    sorts={"row": _rows.row},
    default_sort="row",
    filters={
        "outcome": choice_filter(_rows.outcome, *RowOutcome),
        "row": integer_filter(_rows.row),
        "run": integer_filter(_rows.run),
        "person_id": uuid_filter(_rows.person_id),
    },
)

KEPT = ListSpec(
    key=import_kept.c.person_id,
    sorts={"person_id": import_kept.c.person_id},
    default_sort="person_id",
    filters={"code": text_filter(import_kept.c.code)},
)

_with_job = sa.select(imports, jobs.c.state.label("job_state")).outerjoin(
    jobs, sa.and_(jobs.c.tenant_id == imports.c.tenant_id, jobs.c.id == imports.c.job_id)
)


def find_import(reading: Reading, import_id: UUID) -> Import:
    """The import itself, for whoever works on it. Raises `NotFound`."""
    return import_of(_row(reading, import_id))


def get_import(reading: Reading | UnitOfWork, import_id: UUID) -> dict[str, Any]:
    """The import as the API shows one. Raises `NotFound` when absent or out of reach."""
    shown = _present(_row(reading, import_id))
    about = {"tenant_id": reading.caller.tenant_id, "import_id": import_id}
    parts = reading.fetch_all(_PARTS, about)
    runs = reading.fetch_all(_RUNS, about)
    return {**shown, "size": sum(part["size"] for part in parts), "parts": parts, "runs": runs}


def list_imports(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of imports."""
    statement = _with_job.where(_columns.tenant_id == reading.caller.tenant_id)
    statement = reading.scope.narrow(statement, _columns.owner_id)
    return listing.fetch(reading.connection, statement, lambda row: _present(row._mapping))


def list_rows(reading: Reading, listing: Listing, import_id: UUID) -> dict[str, Any]:
    """A page of what became of rows, of the latest run unless another is asked for."""
    latest = import_of(_row(reading, import_id)).runs
    statement = sa.select(
        _rows.row, _rows.run, _rows.outcome, _rows.person_id, _rows.reasons, _rows.cells
    ).where(_rows.tenant_id == reading.caller.tenant_id, _rows.import_id == import_id)
    if "run" not in listing.given:
        statement = statement.where(_rows.run == latest)
    return listing.fetch(reading.connection, statement)


def list_kept(reading: Reading, listing: Listing, import_id: UUID) -> dict[str, Any]:
    """A page of the people whom undoing the import has left as they are, with the reasons."""
    _row(reading, import_id)
    statement = sa.select(import_kept.c.person_id, import_kept.c.code, import_kept.c.message).where(
        import_kept.c.tenant_id == reading.caller.tenant_id, import_kept.c.import_id == import_id
    )
    return listing.fetch(reading.connection, statement)


def failed_rows(
    reading: Reading, import_id: UUID, run: int, after: int, most: int
) -> list[dict[str, Any]]:
    """Some of the rows that failed, with what stood in them."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "import_id": import_id,
        "run": run,
        "after": after,
        "most": most,
    }
    return reading.fetch_all(_FAILED, about)


def _row(reading: Reading | UnitOfWork, import_id: UUID) -> sa.RowMapping:
    statement = _with_job.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == import_id
    )
    found = reading.connection.execute(reading.scope.narrow(statement, _columns.owner_id)).first()
    if found is None:
        raise NotFound.of("import", import_id)
    return found._mapping


def _present(row: sa.RowMapping) -> dict[str, Any]:
    found = import_of(row)
    over = row["job_state"] is None or row["job_state"] in FINISHED
    state = BROKEN_OFF.get(found.state, found.state) if over and found.job_id else found.state
    plan = found.effective_plan if found.analysis else None
    examples = [list(values) for values in found.examples]
    return {
        "id": found.id,
        "version": found.version,
        "name": found.name,
        "state": state,
        "owner_id": found.owner_id,
        "options": row["options"],
        "analysis": {**found.analysis, "examples": examples} if found.analysis else None,
        "mapping": plan,
        "mapping_is_suggested": found.plan is None,
        "problem": found.problem,
        "job_id": found.job_id,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }


_PARTS = Statement(
    "SELECT number, size, sha256 FROM import_parts WHERE tenant_id = %(tenant_id)s"
    " AND import_id = %(import_id)s ORDER BY number"
)
_RUNS = Statement(
    f"SELECT {', '.join(c.name for c in import_runs.c if c.name not in ('tenant_id', 'import_id'))}"  # noqa: S608 - our own
    " FROM import_runs WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s"
    " ORDER BY number DESC LIMIT 20"
)
_FAILED = Statement(
    "SELECT row, reasons, cells FROM import_rows WHERE tenant_id = %(tenant_id)s"
    " AND import_id = %(import_id)s AND run = %(run)s AND outcome = 'failed' AND row > %(after)s"
    " ORDER BY row LIMIT %(most)s"
)
