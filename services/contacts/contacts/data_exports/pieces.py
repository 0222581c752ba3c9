"""The files of an export as they are kept: in pieces, read one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from chassis.domain import Conflict
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.data_exports.domain import ExportedFile

Read = Callable[..., Any]
"""Runs a query with its arguments in a short transaction of its own."""


def files_of(
    read: Read, export_id: UUID, check: Callable[[], None] = lambda: None
) -> list[ExportedFile]:
    """What the files are, with how long they are and their digests; `check` is called between pieces."""
    return [
        _digested(read, export_id, row["service"], row["file"], check)
        for row in read(_files, export_id)
    ]


def pieces_of(read: Read, export_id: UUID, service: str, file: str) -> Iterator[tuple[bytes, int]]:
    """The pieces of a file in their order, each with how many records it has."""
    number = -1
    while row := read(_next_piece, export_id, service, file, number):
        number = row["number"]
        yield bytes(row["data"]), row["records"]


def whole_file(read: Read, export_id: UUID, file: ExportedFile) -> Iterator[bytes]:
    """The pieces of a file of an archive. Raises `Conflict` when they are not there any more."""
    size = 0
    for content, _ in pieces_of(read, export_id, file.service, file.file):
        size += len(content)
        yield content
    if size != file.size:
        raise Conflict("The archive is kept no longer.", code="data_export_ended")


def _digested(
    read: Read, export_id: UUID, service: str, file: str, check: Callable[[], None]
) -> ExportedFile:
    digest, size, records = hashlib.sha256(), 0, 0
    for content, told in pieces_of(read, export_id, service, file):
        check()
        digest.update(content)
        size += len(content)
        records += told
    return ExportedFile(service, file, records, size, digest.hexdigest())


def _files(reading: Reading, export_id: UUID) -> list[dict[str, Any]]:
    about = {"tenant_id": reading.caller.tenant_id, "export_id": export_id}
    return reading.fetch_all(_FILES, about)


def _next_piece(
    reading: Reading, export_id: UUID, service: str, file: str, number: int
) -> dict[str, Any] | None:
    about = {
        "tenant_id": reading.caller.tenant_id,
        "export_id": export_id,
        "service": service,
        "file": file,
        "number": number,
    }
    return reading.fetch_one(_NEXT, about)


_FILES = Statement(
    "SELECT DISTINCT service, file FROM data_export_pieces"
    " WHERE tenant_id = %(tenant_id)s AND export_id = %(export_id)s ORDER BY service, file"
)
_NEXT = Statement(
    "SELECT number, records, data FROM data_export_pieces WHERE tenant_id = %(tenant_id)s"
    " AND export_id = %(export_id)s AND service = %(service)s AND file = %(file)s"
    " AND number > %(number)s ORDER BY number LIMIT 1"
)
