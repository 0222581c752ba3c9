"""CSV: read whatever its encoding, delimiter and faults, written so that it comes back the same and runs nothing."""

import codecs
import io
import random
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.formats.csv_reader import read_csv
from contacts.imports.formats.csv_writer import write_csv
from contacts.imports.formats.formulas import as_written, defused
from contacts.imports.formats.rows import MAX_CELL, Row, Table, UnreadableFile

CHINESE = "姓名,電話,公司\n王小明,0912345678,台灣積體電路製造公司\n陳怡君,0922333444,中華電信公司\n"
SIMPLIFIED = "姓名,电话,公司\n王小明,13912345678,中国移动通信公司\n刘伟,13812345678,北京大学\n"


def opened(data: bytes, encoding: str = "", delimiter: str = "") -> Table:
    return read_csv(io.BytesIO(data), encoding, delimiter)


def all_rows(data: bytes) -> list[Row]:
    return list(opened(data).rows)


def codes(row: Row) -> list[str]:
    return [problem.code for problem in row.problems]


def test_a_file_gives_its_header_and_its_rows_with_their_numbers() -> None:
    table = opened(b'name,phone\r\nMary,1\r\n\r\n"Wang, Jr.","2\r\n3"\r\n')
    assert table.header == ("name", "phone")
    assert list(table.rows) == [Row(2, ["Mary", "1"]), Row(4, ["Wang, Jr.", "2\r\n3"])]


@pytest.mark.parametrize(
    ("text", "encoding", "mark"),
    [
        (CHINESE, "utf-8", b""),
        (CHINESE, "utf-8", codecs.BOM_UTF8),
        (CHINESE, "utf-16-le", codecs.BOM_UTF16_LE),
        (CHINESE, "utf-16-be", codecs.BOM_UTF16_BE),
        (CHINESE, "cp950", b""),
        (SIMPLIFIED, "gb18030", b""),
        ("name,city\nJosé,Málaga\nZoë,Köln\n", "cp1252", b""),
        ("name,city\n" + "Mary,Rome\n" * 500, "utf-16-le", b""),
        ("name,city\nMary,Rome\n", "utf-8", b""),
    ],
)
def test_the_encoding_is_found_out(text: str, encoding: str, mark: bytes) -> None:
    table = opened(mark + text.encode(encoding))
    assert table.read_as["encoding"] == encoding
    lines = [line.split(",") for line in text.splitlines()]
    assert [list(table.header), *(row.cells for row in table.rows)] == lines


def test_an_encoding_that_is_given_is_believed() -> None:
    table = opened("name\nJosé\n".encode("cp1252"), encoding="cp1252")
    assert next(table.rows).cells == ["José"]
    with pytest.raises(UnreadableFile) as error:
        opened(b"name\n", encoding="ebcdic")
    assert error.value.code == "encoding_unknown"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    text = f"name{delimiter}note{delimiter}amount\n" + f'Mary{delimiter}"a,b;c"{delimiter}1\n' * 3
    table = opened(text.encode())
    assert table.read_as["delimiter"] == delimiter
    assert next(table.rows).cells == ["Mary", "a,b;c", "1"]


def test_a_spreadsheet_s_hint_on_the_delimiter_is_followed_and_is_no_row() -> None:
    table = opened(b"sep=;\r\nname;city\r\nMary;Rome, Italy\r\n")
    assert (table.header, list(table.rows)) == (("name", "city"), [Row(2, ["Mary", "Rome, Italy"])])


def test_a_file_of_one_column_needs_no_delimiter() -> None:
    assert [row.cells for row in all_rows(b"email\na@b.tw\nc@d.tw")] == [["a@b.tw"], ["c@d.tw"]]


def test_lines_may_end_with_a_carriage_return_alone() -> None:
    assert [row.cells for row in all_rows(b"a,b\r1,2\r3,4")] == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n\n", "header_missing"),
        (b",,\n1,2,3\n", "header_missing"),
        (codecs.BOM_UTF8, "header_missing"),
        (b",".join(b"c" for _ in range(501)) + b"\n", "too_many_columns"),
        (b"c," * 1_500_000 + b"\n1\n", "row_too_long"),
        (b"PK\x03\x04rest of an archive", "not_text"),
        (b"\x00" * 100, "not_text"),
        (bytes(range(256)) * 40, "encoding_unknown"),
        (b'"name,city\nMary,Rome\n', "quote_unclosed"),
        (codecs.BOM_UTF8 + b"sep=\xff;\nname;city\n", "undecodable"),
    ],
)
def test_a_file_that_is_no_table_says_what_it_is(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        opened(data)
    assert error.value.code == code


def test_columns_without_a_name_or_with_another_s_get_names_of_their_own() -> None:
    table = opened(b"name,,name,name,\n1,2,3,4,\n")
    assert table.header == ("name", "column 2", "name (2)", "name (3)")
    assert [problem.code for problem in table.problems] == [
        "header_blank",
        "header_repeated",
        "header_repeated",
    ]
    assert codes(next(table.rows)) == []


def test_a_ragged_row_is_reported_and_the_next_one_is_read() -> None:
    rows = all_rows(b"a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n1,2,3\n")
    assert [(row.number, codes(row)) for row in rows] == [
        (2, ["row_short"]),
        (3, ["row_long"]),
        (4, []),
        (5, []),
    ]
    assert rows[1].cells == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"x" * (MAX_CELL + 1) + b",2", "cell_too_long"),
        (b"x" * 200_000 + b",2", "cell_too_long"),
        (b"x" * 3_000_000 + b",2", "row_too_long"),
        (b"a\x00b,2", "nul_character"),
        (b"a\rb,2", "row_unreadable"),
        (b'"open,2', "quote_unclosed"),
    ],
)
def test_a_bad_row_costs_nothing_but_itself(line: bytes, code: str) -> None:
    rows = all_rows(b"a,b\n1,2\n" + line + b"\n3,4\n5,6\n")
    assert [(row.number, codes(row)) for row in rows] == [(2, []), (3, [code]), (4, []), (5, [])]
    assert [row.cells for row in rows[2:]] == [["3", "4"], ["5", "6"]]


def test_a_stray_quote_in_a_long_file_swallows_no_other_row() -> None:
    good = [b"%d,%d" % (n, n) for n in range(30_000)]
    data = b"\n".join([b"a,b", *good[:10], b'"stray,1', *good[10:], b'7,"7"', b'8,"x""y"']) + b"\n"
    rows = all_rows(data)
    assert [row.number for row in rows if row.problems] == [12]
    assert len(rows) == len(good) + 3
    assert rows[-1].cells == ["8", 'x"y']


def test_quotes_that_are_wrong_all_over_end_the_reading() -> None:
    rows = opened(b"a,b\n" + b'"x",1\n"x,1\n' * 301).rows
    with pytest.raises(UnreadableFile) as error:
        list(rows)
    assert error.value.code == "quotes_broken"


@pytest.mark.parametrize("before", [0, 300_000])
def test_a_byte_that_is_no_text_is_told_with_row_column_and_offset(before: int) -> None:
    head = b"name,city\n" + b"Mary,Rome\n" * before
    rows = opened(head + b"Jos\xc3\xa9,M\xe1laga\nx,y\n", encoding="utf-8").rows
    good: list[Row] = []
    with pytest.raises(UnreadableFile) as error:
        good.extend(rows)
    found = error.value
    assert (found.code, found.row, found.column) == ("undecodable", before + 2, 2)
    assert found.byte_offset == len(head) + len("José,M".encode())
    assert f"row {before + 2}, column 2" in str(found)


def test_a_bad_byte_far_down_is_found_where_the_encoding_was_guessed() -> None:
    table = opened(CHINESE.encode() * 20_000 + b"\xff")
    with pytest.raises(UnreadableFile):
        list(table.rows)


class Endless:
    """A file of a wished size that is made while it is read."""

    def __init__(self, head: bytes, piece: bytes, size: int) -> None:
        self._head, self._piece, self._left = head, piece, size

    def read(self, size: int, /) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        size = min(size, self._left)
        self._left -= size
        return (self._piece * (size // len(self._piece) + 1))[:size]


def peak_while_reading(stream: Endless) -> int:
    tracemalloc.start()
    table = read_csv(stream)
    for _ in table.rows:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(
    ("piece", "size"),
    [(b"Mary,Rome\n", 200_000), (b"x", 3_000_000), (b'"', 3_000_000)],
    ids=["rows", "one line", "quotes"],
)
def test_memory_stays_flat_however_long_file_or_line_are(piece: bytes, size: int) -> None:
    small = peak_while_reading(Endless(b"name,city\n", piece, size))
    large = peak_while_reading(Endless(b"name,city\n", piece, size * 4))
    assert large < small * 1.2 + 500_000


def written(header: list[str], rows: list[list[str]], *, byte_order_mark: bool = True) -> bytes:
    return b"".join(write_csv(header, rows, byte_order_mark=byte_order_mark))


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'=1", "''=1"),
        ("+886912345678", "+886912345678"),
        ("-12.50", "-12.50"),
        ("O'Brien", "O'Brien"),
        ("'t Hooft", "'t Hooft"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_defused(cell: str, safe: str) -> None:
    assert defused(cell) == safe
    assert as_written(safe) == cell


@given(st.text())
def test_defusing_can_always_be_undone(cell: str) -> None:
    assert as_written(defused(cell)) == cell
    assert defused(cell)[:1] not in "=@\t" or not cell


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8)


@given(ROWS, st.booleans())
def test_what_is_written_comes_back_the_same(rows: list[list[str]], byte_order_mark: bool) -> None:  # noqa: FBT001
    table = read_csv(
        io.BytesIO(written(["a", "b", "c"], rows, byte_order_mark=byte_order_mark)), "utf-8", ","
    )
    assert table.header == ("a", "b", "c")
    assert [row.cells for row in table.rows] == rows


def test_an_export_is_streamed() -> None:
    asked = 0

    def rows() -> Iterator[list[str]]:
        nonlocal asked
        for number in range(100_000):
            asked = number
            yield [str(number), "x" * 50]

    chunks = write_csv(["n", "x"], rows())
    next(chunks), next(chunks)
    assert asked < 5_000


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise_anything_but_its_own_error(data: bytes) -> None:
    try:
        for row in opened(data).rows:
            assert row.number > 1
    except UnreadableFile:
        return


def test_damaged_files_are_read_as_far_as_they_go() -> None:
    rng = random.Random(1)  # noqa: S311 - the same damage every time
    for _ in range(200):
        data = bytearray(CHINESE.encode("cp950"))
        for _ in range(3):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with suppress(UnreadableFile):
            assert len(all_rows(bytes(data))) <= 10
