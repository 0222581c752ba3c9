"""Reads exports of people's data, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, time_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.data_exports.domain import SERVICES, DataExport, ExportState, PartState
from contacts.data_exports.storage import data_exports, export_of
from contacts.people.storage import people

_columns = data_exports.c
_shown = (
    sa.select(
        *(column for column in _columns if column.name != "tenant_id"),
        jobs.c.state.label("job_state"),
        jobs.c.error.label("problem"),
    )
    .join(
        people, sa.and_(people.c.tenant_id == _columns.tenant_id, people.c.id == _columns.person_id)
    )
    .outerjoin(jobs, sa.and_(jobs.c.tenant_id == _columns.tenant_id, jobs.c.id == _columns.job_id))
)

DATA_EXPORTS = ListSpec(
    key=_columns.id,
    sorts={"requested_at": _columns.requested_at},
    default_sort="-requested_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "requested_at": time_filter(_columns.requested_at),
    },
)


def list_exports(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the exports of people within reach."""
    base = _within_reach(reading)
    rows = reading.connection.execute(listing.apply(base)).all()
    parts = _parts_of(reading, [row.id for row in rows])
    page = listing.page(rows, lambda row: _present(reading, row._mapping, parts))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_export(reading: Reading | UnitOfWork, export_id: UUID) -> dict[str, Any]:
    """An export, with how far each service is. Raises `NotFound`."""
    statement = _within_reach(reading).where(_columns.id == export_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("data export", export_id)
    return _present(reading, row._mapping, _parts_of(reading, [export_id]))


def find_export(reading: Reading, export_id: UUID) -> DataExport | None:
    """An export, if it is there still."""
    about = {"tenant_id": reading.caller.tenant_id, "id": export_id}
    row = reading.fetch_one(_FIND, about)
    return None if row is None else export_of(row)


def _within_reach(reading: Reading | UnitOfWork) -> sa.Select[Any]:
    """Exports of people within reach."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    return reading.scope.narrow(base, people.c.owner_id)


def _parts_of(reading: Reading | UnitOfWork, export_ids: list[UUID]) -> dict[UUID, list[Any]]:
    about = {"tenant_id": reading.caller.tenant_id, "ids": export_ids}
    found: dict[UUID, list[Any]] = {one: [] for one in export_ids}
    for row in sorted(
        reading.fetch_all(_PARTS, about), key=lambda row: SERVICES.index(row["service"])
    ):
        found[row.pop("export_id")].append(row)
    return found


def _present(
    reading: Reading | UnitOfWork, row: sa.RowMapping, parts: dict[UUID, list[Any]]
) -> dict[str, Any]:
    hidden = ("files", "job_state", "problem")
    own = parts[row["id"]]
    return {
        **{name: value for name, value in row.items() if name not in hidden},
        "state": _state(reading, row, own),
        "problem": row["problem"],
        "files": len(row["files"]),
        "bytes": sum(part["bytes"] for part in own),
        "parts": own,
    }


def _state(reading: Reading | UnitOfWork, row: sa.RowMapping, parts: list[Any]) -> ExportState:
    if row["completed_at"] is not None:
        ended = row["expires_at"] <= reading.clock.now()
        return ExportState.ENDED if ended else ExportState.READY
    if row["job_state"] == "cancelled":
        return ExportState.CANCELLED
    if row["job_state"] not in ("queued", "running"):
        return ExportState.FAILED
    waits = any(part["state"] == PartState.UNAVAILABLE for part in parts)
    return ExportState.WAITING if waits else ExportState.RUNNING


_FIND = Statement("SELECT * FROM data_exports WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
_PARTS = Statement(
    "SELECT export_id, service, state, records, bytes, detail, completed_at FROM data_export_parts"
    " WHERE tenant_id = %(tenant_id)s AND export_id = ANY(%(ids)s)"
)
