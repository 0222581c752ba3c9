"""Writes the audit log as a file while it is sent, page by page, each in a short transaction.

Once the first byte is sent the status is 200. So an export that breaks off says so at its end: a
last line that is no entry.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from chassis.domain import DomainError
from chassis.http.reply import Stream, dump
from chassis.storage.listing import Listing
from chassis.telemetry.tracing import continued, current_traceparent, note_failure
from identity.audit.models import AuditEntryOut, ExportFormat

log = logging.getLogger("identity.audit")

MEDIA_TYPES = {
    ExportFormat.NDJSON: "application/x-ndjson",
    ExportFormat.CSV: "text/csv; charset=utf-8",
}
BROKEN_OFF = "EXPORT INCOMPLETE"
_PAGE = 1_000
_COLUMNS = tuple(AuditEntryOut.model_fields)

Page = list[dict[str, Any]]
Write = Callable[[Page], bytes]


def export_stream(
    kind: ExportFormat, listing: Listing, read: Callable[[Listing], dict[str, Any]]
) -> Stream:
    """The answer; the first page is read before it begins, so that a refusal has its status."""
    pages = pages_of(listing, read)
    first = next(pages)
    headers = {"Content-Disposition": f'attachment; filename="audit-log.{kind}"'}
    chunks = _guarded(written(kind, chain([first], pages)), kind, current_traceparent())
    return Stream(chunks, MEDIA_TYPES[kind], headers)


def pages_of(
    listing: Listing, read: Callable[[Listing], dict[str, Any]], size: int = _PAGE
) -> Iterator[Page]:
    """All that the list has, page by page; there is at least one, be it empty."""
    position: list[Any] | None = None
    positions: list[list[Any]] = []

    def issue(following: list[Any]) -> str:
        positions.append(following)
        return ""

    while True:
        positions.clear()
        page = replace(listing, page_size=size, position=position, issue=issue)
        yield read(page)["items"]
        if not positions:
            return
        position = positions[0]


def written(kind: ExportFormat, pages: Iterable[Page]) -> Iterator[bytes]:
    """The pages as a file has them; raises what reading them raises."""
    head, lines = _WRITERS[kind]
    for page in pages:
        yield head + lines(page)
        head = b""


def _guarded(
    chunks: Iterator[bytes], kind: ExportFormat, traceparent: str | None
) -> Iterator[bytes]:
    while True:
        # Nothing of this context may be open while a chunk is sent: that happens elsewhere.
        with continued(traceparent, "export", "internal"):
            try:
                chunk = next(chunks, None)
            except Exception as error:
                note_failure(error)
                log.exception("export broke off")
                reason = str(error) if isinstance(error, DomainError) else "Something went wrong."
                ending = f"{BROKEN_OFF}: {reason}"
                yield dump({"error": ending}) if kind is ExportFormat.NDJSON else ending.encode()
                return
        if chunk is None:
            return
        if chunk:
            yield chunk


def _ndjson(page: Page) -> bytes:
    return b"".join(dump(entry) + b"\n" for entry in page)


def _csv(page: Page) -> bytes:
    return _csv_rows([[_cell(entry[name]) for name in _COLUMNS] for entry in page])


def _csv_rows(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _cell(value: Any) -> str:
    """As JSON has it, so that times and the details read alike in both formats."""
    if value is None:
        return ""
    return value if isinstance(value, str) else dump(value).decode().strip('"')


_WRITERS: dict[ExportFormat, tuple[bytes, Write]] = {
    ExportFormat.NDJSON: (b"", _ndjson),
    ExportFormat.CSV: (_csv_rows([list(_COLUMNS)]), _csv),
}
