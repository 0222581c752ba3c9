"""Writes down what became of rows, and how far a run is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.bulk import BulkInsert
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.imports.deciding import Decision
from contacts.imports.domain import Counts, RowOutcome
from contacts.imports.matching import RunOfRows
from contacts.imports.opening import shown_cells
from contacts.imports.storage import import_rows, import_runs
from contacts.people.domain import PersonDetails


def begin_run(tx: UnitOfWork, import_id: UUID, number: int, *, dry: bool) -> None:
    """A run begins; one that goes on is there already."""
    tx.write(
        _BEGIN,
        {
            "tenant_id": tx.tenant_id,
            "import_id": import_id,
            "number": number,
            "dry": dry,
            "now": tx.clock.now(),
        },
    )


def read_run(reading: Reading | UnitOfWork, import_id: UUID, number: int) -> tuple[int, Counts]:
    """How far a run is: the last row that is done, and what became of the rows."""
    tenant_id = reading.caller.tenant_id
    about = {"tenant_id": tenant_id, "import_id": import_id, "number": number}
    row = reading.fetch_one(_RUN, about)
    if row is None:
        return 0, Counts()
    return row.pop("last_row"), Counts(**row)


def keep_batch(
    tx: UnitOfWork, run: RunOfRows, last_row: int, counts: Counts, decisions: Iterable[Decision]
) -> None:
    """Write down a batch: of a dry run every row, else those that somebody may ask about."""
    rows = [
        _row(run, decision)
        for decision in decisions
        if run.dry or decision.outcome is not RowOutcome.CREATED or decision.reasons
    ]
    if rows:
        tx.write(_KEEP.statement, _KEEP.parameters(tx.tenant_id, rows))
    about = {"tenant_id": tx.tenant_id, "import_id": run.import_id, "number": run.number}
    tx.write(_ADVANCE, {**about, "last_row": last_row, **asdict(counts)})


def end_run(tx: UnitOfWork, run: RunOfRows, *, cancelled: bool) -> None:
    """A run is over."""
    tx.connection.execute(
        sa.update(import_runs)
        .where(
            import_runs.c.tenant_id == tx.tenant_id,
            import_runs.c.import_id == run.import_id,
            import_runs.c.number == run.number,
        )
        .values(finished_at=tx.clock.now(), cancelled=cancelled)
    )


def _row(run: RunOfRows, decision: Decision) -> dict[str, Any]:
    row, person = decision.row, decision.person
    failed = decision.outcome is RowOutcome.FAILED
    would_be = run.dry and person is not None and person.import_id == run.import_id
    kept = person is not None and decision.before is not None and not run.dry
    return {
        "import_id": run.import_id,
        "run": run.number,
        "row": row.number,
        "outcome": decision.outcome,
        "person_id": person.id if person is not None and not would_be else None,
        "reasons": json_text([reason._asdict() for reason in decision.reasons]),
        "cells": json_text(shown_cells(row.content)) if failed else None,
        "before": _document(decision.before) if kept else None,
        "before_version": decision.before_version if kept else None,
        "version": decision.version if kept else None,
    }


def _document(details: PersonDetails | None) -> str | None:
    return None if details is None else json_text(document_of(details))


def document_of(details: PersonDetails) -> Mapping[str, Any]:
    """Details as a document, from which `details_of` makes them again."""
    return {name: getattr(details, name) for name in _DETAILS}


_DETAILS: Sequence[str] = tuple(PersonDetails.__dataclass_fields__)
_KEEP = BulkInsert.into(import_rows)
_BEGIN = Statement(
    "INSERT INTO import_runs (tenant_id, import_id, number, dry, last_row, created, updated,"
    " skipped, failed, suspected, started_at, cancelled) VALUES (%(tenant_id)s, %(import_id)s,"
    " %(number)s, %(dry)s, 0, 0, 0, 0, 0, 0, %(now)s, false)"
    " ON CONFLICT (tenant_id, import_id, number)"
    " DO UPDATE SET finished_at = NULL, cancelled = false"
)
_RUN = Statement(
    "SELECT last_row, created, updated, skipped, failed, suspected FROM import_runs"
    " WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND number = %(number)s"
)
_ADVANCE = Statement(
    "UPDATE import_runs SET last_row = %(last_row)s, created = created + %(created)s,"
    " updated = updated + %(updated)s, skipped = skipped + %(skipped)s,"
    " failed = failed + %(failed)s, suspected = suspected + %(suspected)s"
    " WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND number = %(number)s"
)
