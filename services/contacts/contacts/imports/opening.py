"""Opens an uploaded file of any format, and gives its rows one by one."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from contacts.imports.domain import FileFormat, ReadingOptions
from contacts.imports.formats.csv_reader import read_csv
from contacts.imports.formats.ndjson import read_ndjson
from contacts.imports.formats.rows import Table, UnreadableFile
from contacts.imports.formats.vcard_reader import Card, read_vcards
from contacts.imports.formats.xlsx_reader import read_xlsx
from contacts.quality.problem import Problem

_READ_AHEAD = 64 * 1024
_MARK = b"\xef\xbb\xbf"

CARD_HEADER = (
    "full_name",
    "given_name",
    "family_name",
    "emails",
    "phones",
    "line_ids",
    "social_handles",
    "company_name",
    "job_title",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "birthday",
    "language",
    "time_zone",
    "tags",
    "external_id:vcard",
)
"""What a vCard is in a table, for those that have to be corrected."""


class FileRow(NamedTuple):
    """One row, line or card: `content` is what the format makes of it, `cells` how it is shown."""

    number: int
    content: Any
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read. Who does not read to the end calls `close`."""

    format: FileFormat
    header: tuple[str, ...]
    problems: tuple[Problem, ...]
    read_as: dict[str, str]
    rows: Iterator[FileRow]
    close: Callable[[], None] = lambda: None


def open_file(stream: io.RawIOBase, options: ReadingOptions) -> Opened:
    """Open a file; what the options do not say is found out. Raises `UnreadableFile`."""
    file = io.BufferedReader(stream, _READ_AHEAD)
    kind = options.format or _format_of(file.peek(16))
    match kind:
        case FileFormat.CSV:
            return _table(kind, read_csv(file, options.encoding, options.delimiter))
        case FileFormat.XLSX:
            return _table(kind, read_xlsx(file, options.sheet))
        case FileFormat.NDJSON:
            return _streamed(kind, (), (FileRow(*row) for row in read_ndjson(file)))
        case FileFormat.VCARD:
            cards = (FileRow(card.number, card, card.problems) for card in read_vcards(file))
            return _streamed(kind, CARD_HEADER, cards)


def _table(kind: FileFormat, table: Table) -> Opened:
    rows = (FileRow(*row) for row in table.rows)
    return Opened(kind, table.header, table.problems, table.read_as, rows, table.close)


def _streamed(kind: FileFormat, header: tuple[str, ...], rows: Iterator[FileRow]) -> Opened:
    """A format without a header: the first row shows whether it can be read at all."""
    first = next(rows, None)
    if first is None:
        raise UnreadableFile("file_empty", "the file has no line that is not blank", row=1)

    def all_rows() -> Iterator[FileRow]:
        yield first
        yield from rows

    return Opened(kind, header, (), {"format": kind}, all_rows())


def _format_of(begin: bytes) -> FileFormat:
    text = begin.removeprefix(_MARK).lstrip()
    if begin.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return FileFormat.XLSX
    if text[:11].upper() == b"BEGIN:VCARD":
        return FileFormat.VCARD
    return FileFormat.NDJSON if text.startswith(b"{") else FileFormat.CSV


def shown_cells(content: Any) -> Any:
    """A row's content as it is kept in the report: cells, or the object of a line.

    Zero bytes, which PostgreSQL keeps in no text, become the character for what is unreadable.
    """
    if isinstance(content, Card):
        return _without_zeros(card_cells(content))
    return _without_zeros(content if isinstance(content, dict) else list(content))


def _without_zeros(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd") if "\x00" in value else value
    if isinstance(value, list):
        return [_without_zeros(item) for item in value]
    if isinstance(value, dict):
        return {_without_zeros(key): _without_zeros(item) for key, item in value.items()}
    return value


def card_cells(card: Card) -> list[str]:
    """A card as a row below `CARD_HEADER`; of several addresses the first."""
    entry = card.entry
    address = entry.postal_addresses[0] if entry.postal_addresses else None
    lines = "\n".join(address.lines) if address else ""
    rest = (address.city, address.region, address.postal_code, address.country) if address else ()
    return [
        entry.full_name,
        entry.given_name,
        entry.family_name,
        "; ".join(point.value for point in entry.emails),
        "; ".join(point.value for point in entry.phones),
        "; ".join(entry.line_ids),
        "; ".join(entry.social_handles),
        entry.company_name,
        entry.job_title,
        lines,
        *(rest or [""] * 4),
        entry.birthday,
        entry.language,
        entry.time_zone,
        "; ".join(entry.tags),
        next((key for _, key in entry.external_ids), ""),
    ]
