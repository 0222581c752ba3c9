"""Writes an XLSX workbook row by row; every cell is text, so that nothing in it is run and no number loses its zeros."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from contacts.imports.formats.rows import MAX_CELL

MAX_SHEET_ROWS = 1_048_576


def write_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[str]], target: BinaryIO, *, title: str = "export"
) -> int:
    """Writes to a seekable target and returns the number of rows; a full sheet goes on in another, headed likewise.

    The rows pass through a temporary file, so memory does not grow with them. Characters that a workbook cannot hold are
    left out, and a cell is cut at 32,767 characters.
    """
    workbook = Workbook(write_only=True)
    written = 0
    sheet: WriteOnlyWorksheet | None = None
    for row in rows:
        if sheet is None or written % (MAX_SHEET_ROWS - 1) == 0:
            sheet = _new_sheet(workbook, header, title)
        sheet.append([_text(sheet, cell) for cell in row])
        written += 1
    if sheet is None:
        _new_sheet(workbook, header, title)
    workbook.save(target)
    return written


def _new_sheet(workbook: Workbook, header: Sequence[str], title: str) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = workbook.create_sheet(title)
    sheet.append([_text(sheet, name) for name in header])
    return sheet


def _text(sheet: WriteOnlyWorksheet, value: str) -> Cell | None:
    if not value:
        return None
    cell: Cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_CELL])
    # openpyxl takes text that begins with an equals sign for a formula.
    cell.data_type = "s"
    return cell
