"""The rows that failed, with the reasons, as a file to correct and upload again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from chassis.storage.unit_of_work import Reading
from contacts.imports.analysis import ERRORS_COLUMN
from contacts.imports.domain import FileFormat, Import
from contacts.imports.formats.csv_writer import write_csv
from contacts.imports.formats.ndjson import write_ndjson
from contacts.imports.queries import failed_rows

_PAGE = 500

Read = Callable[[Callable[[Reading], Any]], Any]


def is_ndjson(imported: Import) -> bool:
    """Whether the rows are objects; all others are shown as a table."""
    return imported.reading_options.format is FileFormat.NDJSON


def errors_file(read: Read, imported: Import, run: int) -> Iterator[bytes]:
    """The file, made while it is sent; the reasons are its first column.

    A row has the cells that it had, be they too few or too many, so that nothing moves to another
    column unseen. Cells that a spreadsheet would run are defused; a later import undoes that.
    """
    rows = _rows(read, imported.id, run)
    if is_ndjson(imported):
        return write_ndjson({**row["cells"], ERRORS_COLUMN: _told(row)} for row in rows)
    header = (ERRORS_COLUMN, *imported.analysis.get("header", ()))
    return write_csv(header, ([_told(row), *row["cells"]] for row in rows))


def _rows(read: Read, import_id: UUID, run: int) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        page = read(lambda reading, after=after: failed_rows(reading, import_id, run, after, _PAGE))  # type: ignore[misc]
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]["row"]


def _told(row: dict[str, Any]) -> str:
    """All that is wrong with a row, in one cell."""
    reasons = (
        f"{reason['column']}: {reason['message']}" if reason["column"] else reason["message"]
        for reason in row["reasons"]
    )
    return f"row {row['row']}: {' '.join(reasons)}"
