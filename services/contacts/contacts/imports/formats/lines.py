"""Lines of a byte stream, decoded as it is read, in memory that does not grow with the file or with a line."""

import codecs
from collections.abc import Iterator
from typing import Protocol

MAX_LINE = 2_000_000
_CHUNK = 64 * 1024


class ByteStream(Protocol):
    """Anything to read bytes from, front to back; an empty answer is the end."""

    def read(self, size: int, /) -> bytes: ...


class Undecodable(Exception):
    """A byte that is none in this encoding; `before` is what was read of its line."""

    def __init__(self, byte: int, byte_offset: int, before: str = "") -> None:
        super().__init__(f"byte 0x{byte:02X} at {byte_offset}")
        self.byte = byte
        self.byte_offset = byte_offset
        self.before = before


class Lines:
    """Iterates over the lines with their ends; a line that is too long comes as an empty one and is counted.

    Lines end with a line feed (a carriage return before it stays with the line), or with a carriage return where the
    beginning of the file has no line feed at all. Raises `Undecodable` after the last good line.
    """

    def __init__(
        self, stream: ByteStream, encoding: str, mark: int = 0, *, end: str = "\n"
    ) -> None:
        self.overlong = 0
        self._stream = stream
        self._encoding = encoding
        self._end = end
        self._mark = mark

    def __iter__(self) -> Iterator[str]:
        rest = ""
        skipping = False
        texts = self._texts()
        while True:
            try:
                text = next(texts, None)
            except Undecodable as error:
                raise Undecodable(error.byte, error.byte_offset, rest) from error
            if text is None:
                break
            *whole, rest = (rest + text).split(self._end)
            for line in whole:
                yield ("" if skipping else self._bounded(line)) + self._end
                skipping = False
            if len(rest) > MAX_LINE:
                self.overlong += not skipping
                rest, skipping = "", True
        if rest or skipping:
            yield "" if skipping else rest

    def _bounded(self, line: str) -> str:
        if len(line) <= MAX_LINE:
            return line
        self.overlong += 1
        return ""

    def _texts(self) -> Iterator[str]:
        """The decoded chunks; of a chunk with a bad byte what is before it, and then the error."""
        decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        offset = len(self._stream.read(self._mark)) if self._mark else 0
        while True:
            chunk = self._stream.read(_CHUNK)
            offset += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                yield error.object[: error.start].decode(self._encoding)
                place = offset - len(error.object) + error.start
                raise Undecodable(error.object[error.start], place) from error
            if text:
                yield text
            if not chunk:
                return


def line_end_of(sample: str) -> str:
    """What ends the lines of a file that begins like this."""
    return "\r" if "\r" in sample and "\n" not in sample else "\n"
