"""Reads and writes newline-delimited JSON: one object a line, one bad line never the end."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from contacts.imports.formats.encodings import detect_encoding
from contacts.imports.formats.lines import ByteStream
from contacts.imports.formats.rows import UnreadableFile
from contacts.quality.problem import Problem

MAX_LINE = 1024 * 1024
_CHUNK = 64 * 1024
_MARK = b"\xef\xbb\xbf"


class JsonRow(NamedTuple):
    """One line that is not blank: its number, and the object, or the problem with it."""

    number: int
    value: dict[str, Any]
    problems: tuple[Problem, ...] = ()


def read_ndjson(stream: ByteStream) -> Iterator[JsonRow]:
    """The objects of a stream in UTF-8. Raises `UnreadableFile` for an empty file and for one that is no text."""
    any_byte = False
    for number, line in enumerate(_lines(stream), 1):
        if not any_byte:
            any_byte = True
            if not line.isascii() or b"\x00" in line:
                _refuse_other_encodings(line)
            line = line.removeprefix(_MARK)  # noqa: PLW2901 - only the first line has a mark
        if not line.strip():
            continue
        yield _row(number, line)
    if not any_byte:
        raise UnreadableFile("file_empty", "the file is empty", byte_offset=0)


def _lines(stream: ByteStream) -> Iterator[bytes]:
    """The lines without their ends, each cut one byte after the bound."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, last = chunk.split(b"\n")
        if whole:
            whole[0] = rest + whole[0]
            rest = b""
            yield from whole
        rest = (rest + last)[: MAX_LINE + 1]
    if rest:
        yield rest


def _refuse_other_encodings(line: bytes) -> None:
    detected = detect_encoding(line[:_CHUNK])
    if detected.encoding.startswith("utf-16"):
        raise UnreadableFile("encoding_unknown", "NDJSON is written in UTF-8, this is UTF-16")


def _row(number: int, line: bytes) -> JsonRow:
    if len(line) > MAX_LINE:
        return _bad(number, "row_too_long", f"a line has at most {MAX_LINE} bytes")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _bad(
            number,
            "json_invalid",
            f"the line is not JSON: {error.msg} at character {error.pos + 1}",
        )
    if not isinstance(value, dict):
        return _bad(number, "json_no_object", "a line holds one JSON object")
    return JsonRow(number, value)


def _bad(number: int, code: str, message: str) -> JsonRow:
    return JsonRow(number, {}, (Problem(code, message),))


def write_ndjson(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The objects, one a line, in chunks; dates, times and UUIDs become their ISO texts."""
    pieces: list[bytes] = []
    size = 0
    for row in rows:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
        pieces.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(pieces)
            pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)
