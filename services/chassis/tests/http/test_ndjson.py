"""Lines of a stream: counted as an editor counts them, bounded, and refused one by one."""

from __future__ import annotations

import io
import tracemalloc
from typing import IO, cast

from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import DomainError
from chassis.http.body import Body
from chassis.http.ndjson import MAX_LINE, Line, checked_line, lines_of


class Note(Body):
    text: str


def read(body: bytes) -> list[Line]:
    return list(lines_of(io.BytesIO(body)))


def refusal(raw: bytes) -> str:
    outcome = checked_line(Note, Line(1, raw))
    assert isinstance(outcome, DomainError)
    return outcome.code


@given(st.lists(st.sampled_from((b"", b" ", b"\t\r", b"{}", b'{"text": "x"}\r', "王".encode()))))
def test_lines_have_the_numbers_that_an_editor_gives_them(lines: list[bytes]) -> None:
    expected = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    found = [(line.number, line.raw.rstrip(b"\n")) for line in read(b"\n".join(lines))]
    assert found == expected


def test_a_line_at_the_bound_is_read_and_one_beyond_is_not() -> None:
    longest = b"x" * (MAX_LINE - 1) + b"\n"
    assert read(longest + b"{}") == [Line(1, longest), Line(2, b"{}")]
    beyond = b"x" * (MAX_LINE + 1)
    assert read(beyond + b"\n{}") == [Line(1, b"", too_long=True), Line(2, b"{}")]
    assert read(beyond) == [Line(1, b"", too_long=True)]


def test_an_endless_line_is_not_held_in_memory() -> None:
    class Endless(io.RawIOBase):
        """Forty megabytes without a line break."""

        left = 40 * 1024 * 1024

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    tracemalloc.start()
    found = list(lines_of(cast("IO[bytes]", io.BufferedReader(Endless(), 65_536))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [Line(1, b"", too_long=True)]
    assert peak < 8 * MAX_LINE


def test_a_line_is_refused_for_what_is_wrong_with_it() -> None:
    assert refusal(b"[1]") == "not_an_object"
    assert refusal(b'{"text": 1}') == "validation_failed"
    assert refusal(b'{"text": "a"} {}') == "json_unparsable"
    assert refusal(b'{"text": "\\u0000"}') == "json_out_of_bounds"
    assert refusal(b"[" * 5000 + b"]" * 5000) in {"json_unparsable", "json_out_of_bounds"}
    assert checked_line(Note, Line(1, b'{"text": "a"}')) == Note(text="a")


def test_a_line_that_is_too_long_is_refused_by_name() -> None:
    outcome = checked_line(Note, Line(1, b"", too_long=True))
    assert isinstance(outcome, DomainError)
    assert outcome.code == "line_too_long"
