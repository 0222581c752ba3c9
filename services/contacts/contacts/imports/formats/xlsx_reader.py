"""Reads a sheet of an XLSX workbook row by row in memory that does not grow with it; formulas give their values."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from contacts.imports.formats.rows import (
    MAX_CELL,
    MAX_COLUMNS,
    Row,
    Table,
    UnreadableFile,
    name_columns,
    row_problems,
)
from contacts.imports.formats.xlsx_archive import (
    Attributes,
    XlsxArchive,
    local,
    parsing,
    xml_parser,
)
from contacts.imports.formats.xlsx_values import (
    Formats,
    SharedStrings,
    read_shared_strings,
    whole_number,
)
from contacts.quality.problem import Problem

_COLUMN = re.compile(r"([A-Z]{1,3})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LETTERS = 26


def read_xlsx(stream: BinaryIO, sheet: str = "") -> Table:
    """Opens a workbook (a seekable stream) at a sheet, by default the first.

    Dates come in ISO form, numbers plain, truths as true and false; a formula gives the value that was last computed.
    Raises `UnreadableFile`, and so do the rows where the file turns out to be broken.
    """
    archive = XlsxArchive(stream)
    sheets = archive.sheets()
    if not sheets:
        raise UnreadableFile("not_xlsx", "the workbook has no sheet")
    if sheet and sheet not in sheets:
        raise UnreadableFile(
            "sheet_missing", f"there is no sheet “{sheet}”, but {', '.join(sheets)}"
        )
    name = sheet or next(iter(sheets))
    opened = _Sheet(archive, sheets[name])
    rows = opened.rows()
    try:
        header, problems = _header(rows, name)
    except UnreadableFile:
        opened.close()
        raise
    read_as = {"format": "xlsx", "sheet": name, "sheets": ", ".join(sheets)}
    return Table(header, problems, read_as, _shaped(rows, len(header)), opened.close)


def _header(rows: Iterator[Row], sheet: str) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    first = next(rows, None)
    if first is None:
        raise UnreadableFile("header_missing", f"the sheet “{sheet}” is empty", row=1)
    if first.problems and first.problems[0].code == "row_long":
        message = f"a file has at most {MAX_COLUMNS} columns"
        raise UnreadableFile("too_many_columns", message, row=first.number)
    return name_columns(first.cells)


def _shaped(rows: Iterator[Row], columns: int) -> Iterator[Row]:
    """The rows filled up to the width of the header: a sheet does not store blank cells."""
    for row in rows:
        cells = list(row.cells)
        cells += [""] * (columns - len(cells))
        while len(cells) > columns and not cells[-1]:
            cells.pop()
        yield Row(row.number, cells, (*row.problems, *row_problems(cells, columns)))


class _Sheet:
    """Collects cells from the elements of a sheet; rows come out as soon as they are complete."""

    def __init__(self, archive: XlsxArchive, part: str) -> None:
        self._archive = archive
        self._part = part
        self._formats = Formats(archive)
        self._strings: SharedStrings = read_shared_strings(archive)
        self._done: list[Row] = []
        self._number = 0
        self._cells: list[str] = []
        self._problems: list[Problem] = []
        self._column = 0
        self._type = ""
        self._style: str | None = None
        self._pieces: list[str] | None = None
        self._value = ""
        self._has_formula = False

    def rows(self) -> Iterator[Row]:
        """The rows that are not blank, with the numbers that the sheet gives them."""
        parser = xml_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            with self._archive.open(self._part) as stream:
                for _ in parsing(parser, stream):
                    yield from self._taken()
        finally:
            self.close()

    def close(self) -> None:
        self._strings.close()

    def _taken(self) -> list[Row]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: Attributes) -> None:
        element = local(name)
        if element == "c":
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s")
            place = _COLUMN.match(attributes.get("r", ""))
            self._column = _column_number(place.group(1)) if place else self._column + 1
            self._value, self._has_formula = "", False
        elif element in {"v", "t"}:
            self._pieces = []
        elif element == "f":
            self._has_formula = True
        elif element == "row":
            # Reports and interrupted runs know rows by their numbers: none comes twice, or late.
            stated = whole_number(attributes.get("r")) or 0
            self._number = max(stated, self._number + 1)
            self._cells, self._problems, self._column = [], [], 0

    def _text(self, data: str) -> None:
        if self._pieces is not None and len(self._pieces) <= MAX_CELL:
            self._pieces.append(data[: MAX_CELL + 1])

    def _end(self, name: str) -> None:
        element = local(name)
        if element in {"v", "t"} and self._pieces is not None:
            self._value += "".join(self._pieces)
            self._pieces = None
        elif element == "c":
            self._put(self._cell_text())
        elif element == "row" and (self._problems or any(self._cells)):
            self._done.append(Row(self._number, self._cells, tuple(self._problems)))

    def _put(self, text: str) -> None:
        if self._column > MAX_COLUMNS:
            if text and not self._problems:
                message = f"the row has a cell beyond column {MAX_COLUMNS}"
                self._problems.append(Problem("row_long", message))
            return
        self._cells += [""] * (self._column - 1 - len(self._cells))
        self._cells[self._column - 1 :] = [text]

    def _cell_text(self) -> str:
        value = self._value
        if self._type == "s":
            place = whole_number(value)
            return "" if place is None else _unescaped(self._strings[place])
        if self._type in {"inlineStr", "str"}:
            return _unescaped(value)
        if self._type == "b":
            return "true" if value == "1" else "false" if value else ""
        if self._type == "e":
            self._problem("cell_has_error", f"holds the error {value}")
            return value
        if not value and self._has_formula:
            self._problem("formula_without_value", "is a formula that was never computed")
        return value if self._type == "d" or not value else self._formats.number(value, self._style)

    def _problem(self, code: str, what: str) -> None:
        self._problems.append(
            Problem(code, f"column {self._column} {what}", f"/{self._column - 1}")
        )


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as `_x000D_`; half of one is unreadable."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - 64
    return number
