"""Rows out of lines of CSV: shape checked, and what a wrong quote or a bad byte spoils kept as small as can be."""

import csv
from collections import deque
from collections.abc import Iterator

from contacts.imports.formats.formulas import as_written
from contacts.imports.formats.lines import Lines, Undecodable
from contacts.imports.formats.rows import (
    MAX_CELL,
    Row,
    UnreadableFile,
    name_columns,
    row_problems,
)
from contacts.quality.problem import Problem

MAX_UNCLOSED_QUOTES = 100
# A row over more lines than this that has the wrong shape is taken for one that lost its closing quote.
_MOST_LINES_OF_A_BAD_ROW = 10


class CsvRows:
    """The rows of a file, once; remembers the lines of the row at hand, so that one stray quote costs one row only.

    Without that, a cell whose closing quote is missing would swallow all rows behind it.
    """

    def __init__(self, lines: Lines, delimiter: str, *, skip_first: bool) -> None:
        self._lines = lines
        self._source = iter(lines)
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._at_end = False
        self._number = 0
        self._columns = 0
        self._unclosed = 0
        if skip_first:
            self._skip_first()
        self._reader = self._parser()

    def _skip_first(self) -> None:
        try:
            next(self._source)
        except Undecodable as error:
            raise self._located(error) from error

    def _parser(self) -> Iterator[list[str]]:
        """Strict: text behind a closing quote is an error, or two stray quotes would make all between them one cell."""
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        """Lines for the parser, those that were put back first."""
        while True:
            line = self._again.popleft() if self._again else next(self._source, None)
            if line is None:
                self._at_end = True
                return
            self._taken.append(line)
            yield line

    def header(self) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
        """The names of the columns, and what is odd about them; to be asked for first."""
        for row in self:
            unreadable = [p for p in row.problems if p.code not in {"row_short", "row_long"}]
            if unreadable:
                raise UnreadableFile(
                    unreadable[0].code, f"the header: {unreadable[0].message}", row=row.number
                )
            header, problems = name_columns(row.cells)
            self._columns = len(header)
            return header, problems
        raise UnreadableFile("header_missing", "the file has no row", row=1)

    def __iter__(self) -> Iterator[Row]:
        """The rows from here on; blank lines count but are left out."""
        while True:
            overlong = self._lines.overlong
            self._taken.clear()
            self._number += 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                yield self._refused(str(error))
                continue
            except Undecodable as error:
                raise self._located(error) from error
            if cells is None:
                return
            elif self._lines.overlong > overlong:
                yield Row(
                    self._number,
                    cells,
                    (Problem("row_too_long", "the line is too long for a row"),),
                )
            elif cells:
                yield self._row(cells)

    def _row(self, cells: list[str]) -> Row:
        taken = self._taken
        problems: tuple[Problem, ...] = ()
        if len(cells) != self._columns or len(taken) > 1 or len(taken[0]) > MAX_CELL:
            problems = row_problems(cells, self._columns or len(cells))
            if problems and len(taken) > _MOST_LINES_OF_A_BAD_ROW:
                return self._quote_unclosed()
        if any("\x00" in line for line in taken):
            problems += (Problem("nul_character", "the row holds a zero byte"),)
        if any("'" in line for line in taken):
            cells = [as_written(cell) for cell in cells]
        return Row(self._number, cells, problems)

    def _refused(self, reason: str) -> Row:
        """A row that the parser gave up on."""
        if len(self._taken) > 1 or self._at_end:
            return self._quote_unclosed()
        cells = self._taken[0].split(self._delimiter)
        if "limit" in reason:
            return Row(
                self._number,
                cells,
                (Problem("cell_too_long", f"a cell has more than {MAX_CELL} characters"),),
            )
        return Row(
            self._number, cells, (Problem("row_unreadable", f"the row cannot be read: {reason}"),)
        )

    def _quote_unclosed(self) -> Row:
        """The first line as a bad row; the lines that its quote swallowed are read again as rows of their own."""
        self._unclosed += 1
        if self._unclosed > MAX_UNCLOSED_QUOTES:
            message = f"more than {MAX_UNCLOSED_QUOTES} rows open a quote that is never closed"
            raise UnreadableFile("quotes_broken", message, row=self._number)
        first, *swallowed = self._taken
        self._again.extendleft(reversed(swallowed))
        self._at_end = False
        self._reader = self._parser()
        problem = Problem("quote_unclosed", "a quote is opened in this row and not closed")
        return Row(self._number, first.rstrip("\r\n").split(self._delimiter), (problem,))

    def _located(self, error: Undecodable) -> UnreadableFile:
        """Where in the table a bad byte stands."""
        before = "".join([*self._taken, error.before])
        try:
            cells = next(
                csv.reader(before.splitlines(keepends=True), delimiter=self._delimiter), [""]
            )
        except csv.Error:
            cells = [""]
        message = f"byte 0x{error.byte:02X} is no text in the encoding that the file is read in"
        return UnreadableFile(
            "undecodable",
            message,
            row=max(self._number, 1),
            column=max(len(cells), 1),
            byte_offset=error.byte_offset,
        )
