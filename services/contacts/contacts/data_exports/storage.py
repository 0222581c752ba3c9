"""How exports of a person's data are kept: who asked, how far each service is, and the archive in pieces.

All of it hangs on the person's row, and goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.data_exports.domain import DataExport, ExportedFile, PartState

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

data_exports = sa.Table(
    "data_exports",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("merged_person_ids", ARRAY(_uuid), nullable=False),
    sa.Column("job_id", _uuid, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", _time, nullable=False),
    sa.Column("completed_at", _time),
    sa.Column("expires_at", _time),
    sa.Column("files", sa.JSON, nullable=False),
)

data_export_pieces = sa.Table(
    "data_export_pieces",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("export_id", _uuid, primary_key=True),
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("file", sa.Text(collation="C"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)


class DataExportsRepository(Repository[DataExport]):
    """Exports for a change."""

    table = data_exports
    kind = "data export"

    def _aggregate(self, row: sa.RowMapping) -> DataExport:
        return export_of(row)

    def _row(self, aggregate: DataExport) -> dict[str, Any]:
        return {
            "person_id": aggregate.person_id,
            "merged_person_ids": list(aggregate.merged_person_ids),
            "job_id": aggregate.job_id,
            "requested_by": aggregate.requested_by,
            "requested_at": aggregate.requested_at,
            "completed_at": aggregate.completed_at,
            "expires_at": aggregate.expires_at,
            "files": [asdict(file) for file in aggregate.files],
        }


def export_of(row: Any) -> DataExport:
    """The export that a row is."""
    plain = (
        "id",
        "version",
        "person_id",
        "job_id",
        "requested_by",
        "requested_at",
        "completed_at",
        "expires_at",
    )
    return DataExport(
        **{name: row[name] for name in plain},
        merged_person_ids=tuple(row["merged_person_ids"]),
        files=tuple(ExportedFile(**file) for file in row["files"]),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """How far a service is: where its next page begins, and what it has told so far."""

    service: str
    state: PartState
    page_token: str
    pieces: int
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ExportPiece:
    """A piece of a file, as a service has told it."""

    file: str
    content: bytes
    records: int


def add_parts(tx: UnitOfWork, export_id: UUID, services: Sequence[str]) -> None:
    """Have these services be asked, from the beginning; what they have told before is forgotten."""
    forget_pieces(tx, export_id)
    about = {"tenant_id": tx.tenant_id, "export_id": export_id}
    for service in services:
        tx.write(_ADD_PART, {**about, "service": service})


def forget_pieces(tx: UnitOfWork, export_id: UUID) -> None:
    """Keep nothing of what was told."""
    about = {"tenant_id": tx.tenant_id, "export_id": export_id, "service": None}
    tx.write(_FORGET_PIECES, about)


def begin_part_anew(tx: UnitOfWork, export_id: UUID, service: str) -> None:
    """Have one service be asked from the beginning."""
    about = {"tenant_id": tx.tenant_id, "export_id": export_id, "service": service}
    tx.write(_FORGET_PIECES, about)
    tx.write(_ADD_PART, about)


def note_part(
    tx: UnitOfWork, export_id: UUID, service: str, state: PartState, detail: str = ""
) -> None:
    """Note how a service's part stands."""
    done = state in (PartState.COMPLETE, PartState.NOT_DEPLOYED)
    about = {
        "tenant_id": tx.tenant_id,
        "export_id": export_id,
        "service": service,
        "state": state,
        "detail": detail,
        "completed_at": tx.clock.now() if done else None,
    }
    tx.write(_NOTE, about)


def keep_page(
    tx: UnitOfWork, export_id: UUID, part: Part, pieces: Sequence[ExportPiece], page_token: str
) -> None:
    """Keep a page that a service has told, and where the next begins; the last makes its part complete."""
    about = {"tenant_id": tx.tenant_id, "export_id": export_id, "service": part.service}
    for place, piece in enumerate(pieces):
        row = {
            **about,
            "file": piece.file,
            "number": part.pieces + place,
            "records": piece.records,
            "data": piece.content,
        }
        tx.write(_KEEP_PIECE, row)
    told = {
        "page_token": page_token,
        "pieces": len(pieces),
        "records": sum(piece.records for piece in pieces),
        "bytes": sum(len(piece.content) for piece in pieces),
    }
    tx.write(_ADVANCE, {**about, **told})
    note_part(tx, export_id, part.service, PartState.ASKING if page_token else PartState.COMPLETE)


def parts_of(reading: Reading | UnitOfWork, export_id: UUID) -> dict[str, Part]:
    """How far each service is."""
    about = {"tenant_id": reading.caller.tenant_id, "export_id": export_id}
    return {
        row["service"]: Part(**{**row, "state": PartState(row["state"])})
        for row in reading.fetch_all(_PARTS, about)
    }


def running_of(tx: UnitOfWork, person_id: UUID) -> UUID | None:
    """The export of a person that is on its way."""
    row = tx.fetch_one(_RUNNING_OF, {"tenant_id": tx.tenant_id, "person_id": person_id})
    return None if row is None else row["id"]


def running(tx: UnitOfWork) -> int:
    """How many exports of the tenant are on their way."""
    row = tx.fetch_one(_RUNNING, {"tenant_id": tx.tenant_id})
    return 0 if row is None else int(row["count"])


_ADD_PART = Statement(
    "INSERT INTO data_export_parts"
    " (tenant_id, export_id, service, state, page_token, pieces, records, bytes, detail)"
    " VALUES (%(tenant_id)s, %(export_id)s, %(service)s, 'waiting', '', 0, 0, 0, '')"
    " ON CONFLICT (tenant_id, export_id, service) DO UPDATE SET state = 'waiting',"
    " page_token = '', pieces = 0, records = 0, bytes = 0, detail = '', completed_at = NULL"
)
_FORGET_PIECES = Statement(
    "DELETE FROM data_export_pieces WHERE tenant_id = %(tenant_id)s AND export_id = %(export_id)s"
    " AND (%(service)s::text IS NULL OR service = %(service)s)"
)
_NOTE = Statement(
    "UPDATE data_export_parts SET state = %(state)s, detail = %(detail)s,"
    " completed_at = %(completed_at)s WHERE tenant_id = %(tenant_id)s"
    " AND export_id = %(export_id)s AND service = %(service)s"
)
_KEEP_PIECE = Statement(
    "INSERT INTO data_export_pieces (tenant_id, export_id, service, file, number, records, data)"
    " VALUES (%(tenant_id)s, %(export_id)s, %(service)s, %(file)s, %(number)s, %(records)s,"
    " %(data)s)"
)
_ADVANCE = Statement(
    "UPDATE data_export_parts SET page_token = %(page_token)s, pieces = pieces + %(pieces)s,"
    " records = records + %(records)s, bytes = bytes + %(bytes)s"
    " WHERE tenant_id = %(tenant_id)s AND export_id = %(export_id)s AND service = %(service)s"
)
_PARTS = Statement(
    "SELECT service, state, page_token, pieces, records, bytes FROM data_export_parts"
    " WHERE tenant_id = %(tenant_id)s AND export_id = %(export_id)s"
)
_ON_ITS_WAY = (
    "FROM data_exports e JOIN jobs j ON j.tenant_id = e.tenant_id AND j.id = e.job_id"
    " WHERE e.tenant_id = %(tenant_id)s AND e.completed_at IS NULL AND j.finished_at IS NULL"
)
_RUNNING_OF = Statement(
    f"SELECT e.id {_ON_ITS_WAY} AND e.person_id = %(person_id)s AND NOT j.cancel_requested"
)
_RUNNING = Statement(f"SELECT count(*) AS count {_ON_ITS_WAY}")
