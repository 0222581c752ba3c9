"""NDJSON: each line by itself, bad ones reported with their number, never more than a line in memory."""

import io
import tracemalloc
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.formats.ndjson import MAX_LINE, JsonRow, read_ndjson, write_ndjson
from contacts.imports.formats.rows import UnreadableFile


def rows(data: bytes) -> list[JsonRow]:
    return list(read_ndjson(io.BytesIO(data)))


def test_objects_come_with_the_numbers_of_their_lines() -> None:
    found = rows(b'\xef\xbb\xbf{"name": "Mary"}\n\r\n{"name": "\xe7\x8e\x8b"}\r\n')
    assert found == [JsonRow(1, {"name": "Mary"}), JsonRow(3, {"name": "王"})]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "json_invalid"),
        (b'{"a": \xff}', "json_invalid"),
        (b"[" * 10_000 + b"]" * 10_000, "json_invalid"),
        (b'{"a": NaN}', "json_invalid"),
        (b'"text"', "json_no_object"),
        (b"[1]", "json_no_object"),
        (b'{"a": "' + b"x" * MAX_LINE + b'"}', "row_too_long"),
    ],
)
def test_a_bad_line_costs_nothing_but_itself(line: bytes, code: str) -> None:
    found = rows(b'{"n": 1}\n' + line + b'\n{"n": 3}')
    assert [(row.number, row.value) for row in found] == [(1, {"n": 1}), (2, {}), (3, {"n": 3})]
    assert [problem.code for problem in found[1].problems] == [code]
    assert found[1].problems[0].message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        ('{"name": "Mary"}\n'.encode("utf-16"), "encoding_unknown"),
        (b"PK\x03\x04\xff\xff", "not_text"),
    ],
)
def test_what_is_no_ndjson_says_so(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        rows(data)
    assert error.value.code == code


class OneEndlessLine:
    """A line without an end, made while it is read."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        self._left -= size
        return b"x" * size


def test_memory_stays_flat_however_long_a_line_is() -> None:
    tracemalloc.start()
    found = list(read_ndjson(OneEndlessLine(40_000_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [row.problems[0].code for row in found] == ["row_too_long"]
    assert peak < 5 * MAX_LINE


JSON = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    max_size=4,
)


@given(st.lists(JSON, max_size=6))
def test_what_is_written_comes_back_the_same(values: list[dict[str, object]]) -> None:
    data = b"".join(write_ndjson(values))
    assert data.count(b"\n") == len(values)
    if values:
        assert [row.value for row in rows(data)] == values


def test_days_and_ids_are_written_as_text() -> None:
    line = b"".join(write_ndjson([{"day": date(1985, 3, 5), "id": UUID(int=1)}]))
    assert line == b'{"day":"1985-03-05","id":"00000000-0000-0000-0000-000000000001"}\n'


def test_an_export_is_streamed() -> None:
    asked = 0

    def people() -> Iterator[dict[str, object]]:
        nonlocal asked
        for number in range(100_000):
            asked = number
            yield {"n": number, "x": "x" * 50}

    next(write_ndjson(people()))
    assert asked < 5_000
