"""Writes an XLSX workbook while it is sent; every cell is text, so that nothing in it is run and no number loses its zeros.

Why not openpyxl: it writes each sheet to a temporary file and needs a seekable target, so a large export would send its
first byte after minutes, from a disk that pods do not have.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from contacts.imports.formats.rows import MAX_CELL

MAX_SHEET_ROWS = 1_048_576
# Beyond this a part of a ZIP file needs an extension that not every program reads.
_MAX_SHEET_BYTES = 1_500_000_000
_CHUNK = 64 * 1024
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_xlsx(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "export",
    sheet_rows: int = MAX_SHEET_ROWS,
) -> Iterator[bytes]:
    """The workbook in chunks of bytes; a full sheet goes on in another, headed likewise.

    Characters that a workbook cannot hold are left out, and a cell is cut at 32,767 characters.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:  # type: ignore[call-overload]
        sheets = _Sheets(archive, header, sheet_rows)
        for row in rows:
            sheets.add(row)
            if sink.size >= _CHUNK:
                yield sink.taken()
        _write_parts(archive, title, sheets.finished())
    yield sink.taken()


class _Sink:
    """Where the archive is written to; takes what comes and is not to be moved about in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing behind this to be told."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return data


class _Sheets:
    """Writes rows to a sheet, and to the next one when it is full."""

    def __init__(self, archive: zipfile.ZipFile, header: Sequence[str], sheet_rows: int) -> None:
        self._archive, self._header, self._most = archive, header, sheet_rows
        self._count = 0
        self._part = self._begun()

    def add(self, row: Sequence[str]) -> None:
        """One more row."""
        if self._rows == self._most or self._bytes > _MAX_SHEET_BYTES:
            self._end()
            self._part = self._begun()
        self._write_row(row)

    def finished(self) -> int:
        """End the last sheet; gives how many there are."""
        self._end()
        return self._count

    def _begun(self) -> IO[bytes]:
        self._count += 1
        self._rows = self._bytes = 0
        self._part = self._archive.open(f"xl/worksheets/sheet{self._count}.xml", "w")
        self._write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>')
        self._write_row(self._header)
        return self._part

    def _end(self) -> None:
        self._write("</sheetData></worksheet>")
        self._part.close()

    def _write_row(self, row: Sequence[str]) -> None:
        self._rows += 1
        cells = [
            f'<c r="{_column(place)}{self._rows}" t="inlineStr"><is><t xml:space="preserve">'
            f"{_text(text)}</t></is></c>"
            for place, text in enumerate(row)
            if text
        ]
        self._write(f'<row r="{self._rows}">{"".join(cells)}</row>')

    def _write(self, text: str) -> None:
        data = text.encode()
        self._bytes += len(data)
        self._part.write(data)


def _text(text: str) -> str:
    plain = _ILLEGAL.sub("", text)[:MAX_CELL]
    plain = _LOOKS_ESCAPED.sub("_x005F_", plain) if "_x" in plain else plain
    return escape(plain).replace("\r", "_x000D_")


_COLUMNS: list[str] = []


def _column(place: int) -> str:
    """The letters of a column: A to Z, AA and so on."""
    while len(_COLUMNS) <= place:
        number, letters = len(_COLUMNS) + 1, ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        _COLUMNS.append(letters)
    return _COLUMNS[place]


def _write_parts(archive: zipfile.ZipFile, title: str, count: int) -> None:
    """What makes a workbook of sheets."""
    numbers = range(1, count + 1)
    titles = [title if number == 1 else f"{title} {number}" for number in numbers]
    sheets = "".join(
        f'<sheet name={quoteattr(name[:31])} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, titles, strict=True)
    )
    archive.writestr(
        "xl/workbook.xml",
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
    )
    targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    archive.writestr("xl/_rels/workbook.xml.rels", _relationships(targets))
    archive.writestr("_rels/.rels", _relationships([("rId1", "officeDocument", "xl/workbook.xml")]))
    parts = [("/xl/workbook.xml", "sheet.main")]
    parts += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_MEDIA}.{kind}+xml"/>' for part, kind in parts
    )
    archive.writestr(
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>",
    )


def _relationships(targets: Iterable[tuple[str, str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, kind, target in targets
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
