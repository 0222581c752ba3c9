"""XLSX: values as people see them, rows in flat memory, and archives that are traps refused before they open."""

import io
import secrets
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from contacts.imports.formats.rows import Row, Table, UnreadableFile
from contacts.imports.formats.xlsx_reader import read_xlsx
from contacts.imports.formats.xlsx_writer import MAX_SHEET_ROWS, write_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook_of(rows: list[list[Any]], sheet: str = "people") -> io.BytesIO:
    workbook = Workbook()
    active = workbook.active
    assert active is not None
    active.title = sheet
    for row in rows:
        active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


def hand_made(sheet: str, **parts: str) -> io.BytesIO:
    """A workbook of one sheet from its XML, as no program would write it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="s" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet"'
            ' Target="worksheets/s.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/s.xml", sheet)
        for name, text in parts.items():
            archive.writestr(name, text)
    stream.seek(0)
    return stream


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def opened(stream: io.BytesIO) -> tuple[Table, list[Row]]:
    table = read_xlsx(stream)
    return table, list(table.rows)


def header_of(stream: io.BytesIO, sheet: str = "") -> tuple[str, ...]:
    table = read_xlsx(stream, sheet)
    table.close()
    return table.header


def refusal(stream: io.BytesIO, sheet: str = "") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as error:
        list(read_xlsx(stream, sheet).rows)
    return error.value


def test_cells_come_as_people_see_them() -> None:
    header = ["name", "phone", "amount", "born", "at", "when", "active", "share"]
    stream = workbook_of(
        [
            header,
            [
                "王小明",
                912345678,
                1250.5,
                date(1985, 3, 5),
                time(9, 30),
                datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
                True,
                0.1 + 0.2,
            ],
            ["=1+1 as text", "0912", 1e20, date(1900, 1, 31), None, None, False, 1e-7],
        ]
    )
    table, rows = opened(stream)
    assert table.header == tuple(header)
    assert rows[0].cells == [
        "王小明",
        "912345678",
        "1250.5",
        "1985-03-05",
        "09:30:00",
        "2026-01-02T03:04:05",
        "true",
        "0.3",
    ]
    assert rows[1].cells[1:4] == ["0912", "100000000000000000000", "1900-01-31"]
    assert rows[1].cells[6:] == ["false", "0.0000001"]


def test_a_formula_gives_its_value_and_one_never_computed_is_a_problem() -> None:
    table, rows = opened(
        hand_made(
            sheet_of(
                '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
                '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
                '<row r="3"><c r="A3"><f>1+1</f></c></row>'
                '<row r="4"><c r="A4" t="e"><v>#N/A</v></c></row>'
            )
        )
    )
    assert table.header == ("n",)
    assert rows[0] == Row(2, ["2"])
    assert [(row.number, row.problems[0].code) for row in rows[1:]] == [
        (3, "formula_without_value"),
        (4, "cell_has_error"),
    ]


def test_gaps_between_cells_and_rows_cost_nothing_and_keep_their_places() -> None:
    _, rows = opened(
        hand_made(
            f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>'
            '<row r="1"><c r="A1"><v>1</v></c><c r="C1"><v>3</v></c></row>'
            '<row r="1048576"><c r="C1048576"><v>9</v></c></row></sheetData></worksheet>'
        )
    )
    assert rows == [Row(1_048_576, ["", "", "9"])]


def test_rich_text_is_put_together_and_reading_aids_are_left_out() -> None:
    strings = (
        f'<sst xmlns="{MAIN}"><si><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>'
        "<si><t>a_x000D_b</t></si></sst>"
    )
    rels = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet"'
        f' Target="worksheets/s.xml"/><Relationship Id="r2" Type="{OFFICE}/sharedStrings"'
        ' Target="/xl/shared.xml"/></Relationships>'
    )
    sheet = sheet_of(
        '<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>99</v></c></row>'
    )
    stream = hand_made(sheet)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/shared.xml", strings)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/_rels/workbook.xml.rels", rels)
    stream.seek(0)
    assert header_of(stream) == ("東京", "a b")


def test_a_sheet_is_chosen_by_name() -> None:
    workbook = Workbook()
    workbook.create_sheet("second").append(["name"])
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    assert header_of(stream, "second") == ("name",)
    assert refusal(stream, "third").code == "sheet_missing"
    assert refusal(stream).code == "header_missing"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"name,city\n", "not_xlsx"),
        (b"PK\x03\x04" + b"x" * 100, "not_xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "xlsx_encrypted"),
    ],
)
def test_what_is_no_workbook_says_so(data: bytes, code: str) -> None:
    assert refusal(io.BytesIO(data)).code == code


def test_a_cut_off_workbook_is_refused() -> None:
    data = workbook_of([["name"], ["Mary"]]).getvalue()
    assert refusal(io.BytesIO(data[:-100])).code == "not_xlsx"


def test_a_damaged_part_is_refused() -> None:
    assert refusal(hand_made(f'<worksheet xmlns="{MAIN}"><sheetData><row>')).code == "xlsx_broken"


def test_a_document_type_is_refused_before_it_can_grow() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + sheet_of("&b;")
    assert refusal(hand_made(bomb)).code == "xlsx_broken"


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_refused() -> None:
    stream = hand_made(
        sheet_of('<row><c t="inlineStr"><is><t>x</t></is></c></row>' + " " * 80_000_000)
    )
    assert len(stream.getvalue()) < 1_000_000
    assert refusal(stream).code == "xlsx_too_large"


def test_too_many_sheets_or_columns_are_refused() -> None:
    workbook = Workbook()
    for number in range(201):
        workbook.create_sheet(f"s{number}")
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    assert refusal(stream).code == "too_many_sheets"
    assert refusal(workbook_of([[f"c{n}" for n in range(501)]])).code == "too_many_columns"


def test_a_row_beyond_the_header_is_reported_and_the_next_is_read() -> None:
    _, rows = opened(workbook_of([["a", "b"], [1, 2, 3], [1, None], ["x" * 32_767, "y"]]))
    assert [[problem.code for problem in row.problems] for row in rows] == [["row_long"], [], []]
    assert rows[1].cells == ["1", ""]


def test_a_cell_over_the_bound_is_a_problem_of_its_row() -> None:
    long = "y" * 40_000
    _, rows = opened(
        hand_made(
            sheet_of(
                '<row r="1"><c><v>1</v></c></row>'
                f'<row r="2"><c t="inlineStr"><is><t>{long}</t></is></c></row>'
                '<row r="3"><c><v>3</v></c></row>'
            )
        )
    )
    assert [[problem.code for problem in row.problems] for row in rows] == [["cell_too_long"], []]


def peak(rows: int) -> int:
    """The most memory used while a sheet of so many rows of text, all different, is read."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("people")
    for number in range(rows):
        sheet.append([str(number), f"text {number}"])
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    tracemalloc.start()
    for _ in read_xlsx(stream).rows:
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_stays_flat_however_many_rows_there_are() -> None:
    assert peak(16_000) < peak(4_000) * 1.2 + 400_000


def written(
    header: list[str], rows: Iterable[list[str]], sheet_rows: int = MAX_SHEET_ROWS
) -> io.BytesIO:
    """A workbook as the writer makes it."""
    return io.BytesIO(b"".join(write_xlsx(header, rows, sheet_rows=sheet_rows)))


def test_what_is_written_is_text_and_runs_nothing() -> None:
    stream = written(["name", "phone"], [["=cmd()", "0912345678"], ["a\x01b", ""]])
    sheet = load_workbook(stream).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["name", "phone"],
        ["=cmd()", "0912345678"],
        ["ab", None],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}


def test_an_export_without_rows_has_its_header() -> None:
    assert header_of(written(["name"], iter(()))) == ("name",)


def test_a_full_sheet_goes_on_in_another_with_the_same_header() -> None:
    stream = written(["n"], ([str(n)] for n in range(5)), sheet_rows=3)
    workbook = load_workbook(stream)
    assert workbook.sheetnames == ["export", "export 2", "export 3"]
    values = [[row[0].value for row in sheet.iter_rows()] for sheet in workbook]
    assert values == [["n", "0", "1"], ["n", "2", "3"], ["n", "4"]]


def test_a_workbook_is_sent_while_its_rows_are_asked_for() -> None:
    asked = 0

    def rows() -> Iterator[list[str]]:
        nonlocal asked
        for number in range(20_000):
            asked = number
            yield [secrets.token_hex(50)]

    chunks = write_xlsx(["n"], rows())
    assert len(next(chunks)) >= 64 * 1024
    assert asked < 10_000
    assert sum(1 for _ in chunks) > 3
    assert asked == 19_999


CELL = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
).map(str.strip)


@settings(max_examples=30)
@given(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=5))
def test_what_is_written_comes_back_the_same(rows: list[list[str]]) -> None:
    stream = written(["a", "b"], rows)
    expected = [row for row in rows if any(row)]
    assert [row.cells for row in read_xlsx(stream).rows] == expected
