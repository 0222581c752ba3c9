"""The archive of an export: a ZIP that is packed while it is sent, in memory that does not grow with it.

It is packed of what was counted and digested when the export was complete, so whoever has it can check each
file against its manifest. One that breaks off has no directory at its end, and opens nowhere.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from chassis.telemetry.tracing import continued, current_traceparent, note_failure
from contacts.data_exports.domain import DataExport
from contacts.data_exports.pieces import Read, whole_file

log = logging.getLogger("contacts.data_exports")

SCHEMA_VERSION = 1
"""Of the manifest, and of how the files are laid out; the records are those of the services' REST APIs."""
MANIFEST = "manifest.json"


def manifest_of(export: DataExport, parts: Sequence[Mapping[str, Any]]) -> bytes:
    """What is in the archive, of whom, asked by whom, and who has said that this is all; as JSON."""
    document = {
        "schema": "rapport.person_data",
        "schema_version": SCHEMA_VERSION,
        "export_id": export.id,
        "person_id": export.person_id,
        "merged_person_ids": export.merged_person_ids,
        "requested_by": export.requested_by,
        "requested_at": export.requested_at,
        "completed_at": export.completed_at,
        "services": [
            {name: part[name] for name in ("service", "state", "records", "bytes", "completed_at")}
            for part in parts
        ],
        "files": [
            {
                "path": file.path,
                "service": file.service,
                "kind": None if not file.file.endswith(".ndjson") else file.file[: -len(".ndjson")],
                "records": file.records,
                "bytes": file.size,
                "sha256": file.sha256,
            }
            for file in export.files
        ],
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options)


def archive_of(read: Read, export: DataExport, manifest: bytes) -> Iterator[bytes]:
    """The archive, chunk by chunk."""
    traceparent = current_traceparent()
    chunks = _chunks(read, export, manifest)
    while True:
        # Nothing of this context may be open while a chunk is sent: that happens elsewhere.
        with continued(traceparent, "data export", "internal"):
            try:
                chunk = next(chunks, None)
            except Exception as error:
                note_failure(error)
                log.exception("an archive broke off", extra={"export": export.id})
                return
        if chunk is None:
            return
        if chunk:
            yield chunk


class _Sink:
    """What was packed and not yet sent. It has no position to go back to."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Hold what is packed."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        """Whoever takes the rest comes after it."""

    def take(self) -> bytes:
        """What is to be sent now."""
        taken, self._held = bytes(self._held), bytearray()
        return taken


def _chunks(read: Read, export: DataExport, manifest: bytes) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        files: list[tuple[str, Iterator[bytes]]] = [(MANIFEST, iter((manifest,)))]
        files += [(one.path, whole_file(read, export.id, one)) for one in export.files]
        for path, pieces in files:
            with archive.open(_entry(path, export), "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield sink.take()
    yield sink.take()


def _entry(path: str, export: DataExport) -> zipfile.ZipInfo:
    """The entry of a file: of the time at which the export was complete, readable by its owner alone."""
    at = export.completed_at or export.requested_at
    info = zipfile.ZipInfo(path, at.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
