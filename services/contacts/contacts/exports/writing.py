"""Writes an export in its format while it is sent, and says so in it when it breaks off.

Once the first byte is sent the status is 200, and the server ends the answer of a broken export like
that of a whole one. So the break is written into the file: as a last row of CSV that is too short, a
last line of NDJSON that is no record, a vCard that has no end, a workbook that does not open.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import orjson

from chassis.domain import DomainError
from chassis.http.reply import Stream, dump
from chassis.telemetry.tracing import continued, current_traceparent, note_failure
from contacts.exports.cards import card_of
from contacts.exports.tables import Table
from contacts.imports.formats.csv_writer import write_csv
from contacts.imports.formats.vcard_writer import write_vcards
from contacts.imports.formats.xlsx_writer import write_xlsx

log = logging.getLogger("contacts.exports")

BROKEN_OFF = "EXPORT INCOMPLETE"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportFormat(StrEnum):
    """What an export is written in."""

    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"
    VCARD = "vcf"


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: _XLSX,
    ExportFormat.NDJSON: "application/x-ndjson",
    ExportFormat.VCARD: "text/vcard; charset=utf-8",
}

Pages = Iterator[list[Any]]
"""Records as lists give them: ready to be written as JSON."""


def export_stream(
    kind: ExportFormat, name: str, table: Callable[[], Table], pages: Pages
) -> Stream:
    """The answer: a file called `name`."""
    chunks = _CHUNKS[kind](table, pages)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    guarded = _guarded(chunks, _ENDINGS[kind], current_traceparent())
    return Stream(guarded, MEDIA_TYPES[kind], headers)


def _guarded(
    chunks: Iterator[bytes], ending: Callable[[str], bytes], traceparent: str | None
) -> Iterator[bytes]:
    """The chunks, and an ending of its own for an export that breaks off."""
    while True:
        # Nothing of this context may be open while a chunk is sent: that happens elsewhere.
        with continued(traceparent, "export", "internal"):
            try:
                chunk = next(chunks, None)
            except Exception as error:
                note_failure(error)
                log.exception("export broke off")
                known = isinstance(error, DomainError)
                yield ending(str(error) if known else "Something went wrong here.")
                return
        if chunk is None:
            return
        if chunk:
            yield chunk


def _records(pages: Pages) -> Iterator[dict[str, Any]]:
    for items in pages:
        yield from orjson.loads(dump(items))


def _csv(table: Callable[[], Table], pages: Pages) -> Iterator[bytes]:
    made = table()
    return write_csv(made.header, map(made.row, _records(pages)))


def _xlsx(table: Callable[[], Table], pages: Pages) -> Iterator[bytes]:
    made = table()
    return write_xlsx(made.header, map(made.row, _records(pages)))


def _ndjson(_table: Callable[[], Table], pages: Pages) -> Iterator[bytes]:
    for items in pages:
        yield b"".join(dump(item) + b"\n" for item in items)


def _vcards(_table: Callable[[], Table], pages: Pages) -> Iterator[bytes]:
    return write_vcards(map(card_of, _records(pages)))


_CHUNKS: dict[ExportFormat, Callable[[Callable[[], Table], Pages], Iterator[bytes]]] = {
    ExportFormat.CSV: _csv,
    ExportFormat.XLSX: _xlsx,
    ExportFormat.NDJSON: _ndjson,
    ExportFormat.VCARD: _vcards,
}
_ENDINGS: dict[ExportFormat, Callable[[str], bytes]] = {
    ExportFormat.CSV: lambda why: f'"{BROKEN_OFF}: {why}"\r\n'.encode(),
    ExportFormat.XLSX: lambda why: f"{BROKEN_OFF}: {why}".encode(),
    ExportFormat.NDJSON: lambda why: dump({"error": BROKEN_OFF, "detail": why}) + b"\n",
    ExportFormat.VCARD: lambda why: f"BEGIN:VCARD\r\nNOTE:{BROKEN_OFF}: {why}\r\n".encode(),
}
