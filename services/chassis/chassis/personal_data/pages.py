"""Walks through all that a service keeps of people, a page at a time: what is told is bounded, and goes on anywhere.

Each page is a read of its own, so nothing is held open for as long as the whole takes, and whoever reads may
go on after a crash. The place is a token that only tells kinds and keys.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson
import psycopg

from chassis.domain import Invalid
from chassis.http.reply import dump
from chassis.personal_data.kept import Kept
from chassis.storage.unit_of_work import Reading

PAGE = 1024 * 1024
"""How many bytes a page has at most, unless a single record has more."""
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """What comes next in a file."""

    file: str
    content: bytes
    records: int


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader is: behind a key of a kind; the first of all kinds has no key before it."""

    kind: str
    key: tuple[str, ...] = ()


class KeptFiles(Protocol):
    """The files that a service keeps of people, beside its tables."""

    def first_from(self, reading: Reading, ids: Sequence[UUID], file_id: UUID) -> UUID | None:
        """The first of their files in the order of ids whose id is this one or a later one."""
        ...

    def piece(self, tenant_id: UUID, file_id: UUID, offset: int, most: int) -> bytes:
        """The bytes from there on, fewer than `most` at the end only; none of a file that is gone."""
        ...


@dataclass(frozen=True, slots=True)
class _Lines:
    """Some records of a kind as lines, the key of the last, and why there are no more."""

    lines: list[bytes]
    key: tuple[str, ...]
    full: bool
    last: bool


class Pages:
    """Everything that a service keeps of people, to be read page by page."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self._kept = tuple(kept)
        self._places = {one.kind: place for place, one in enumerate(self._kept)}
        if len(self._places) != len(self._kept):
            raise ValueError("two tables are given out as the same kind")
        told = orjson.dumps([(one.kind, one.table, list(one.key)) for one in self._kept])
        self._version = hashlib.sha256(told).hexdigest()[:8]

    def token(self, place: Place) -> str:
        """The place as a reader is told it."""
        document = orjson.dumps([self._version, place.kind, *place.key])
        return base64.urlsafe_b64encode(document).decode().rstrip("=")

    def place(self, token: str) -> Place | None:
        """The place of a token; None for the beginning. Raises `Invalid`."""
        if not token:
            return None
        try:
            document = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            version, kind, *key = map(str, document)
        except (ValueError, TypeError, binascii.Error):
            raise malformed() from None
        if version != self._version:
            message = "The service keeps other things than when the token was given; begin anew."
            raise Invalid.at("page_token", "page_token_outdated", message)
        return Place(kind, tuple(key))

    def read(
        self, reading: Reading, ids: Sequence[UUID], place: Place | None
    ) -> tuple[list[Piece], Place | None]:
        """The page at a place, and where the next begins; None behind the last record."""
        pieces: list[Piece] = []
        left = PAGE
        for kept, begin in self._from(place):
            key, last = begin, False
            while not last:
                # A record that is larger than a page has one of its own.
                some = _lines(reading, kept, ids, key, left if pieces else None)
                if some.lines:
                    pieces.append(Piece(kept.file, b"".join(some.lines), len(some.lines)))
                    left -= len(pieces[-1].content)
                if some.full:
                    return pieces, Place(kept.kind, some.key)
                key, last = some.key, some.last
        return pieces, None

    def _from(self, place: Place | None) -> Iterator[tuple[Kept, tuple[str, ...]]]:
        if place is None:
            place = Place(self._kept[0].kind)
        first = self._places.get(place.kind)
        if first is None or len(place.key) not in (0, len(self._kept[first].key)):
            raise malformed()
        yield self._kept[first], place.key
        for kept in self._kept[first + 1 :]:
            yield kept, ()


def _lines(
    reading: Reading, kept: Kept, ids: Sequence[UUID], key: tuple[str, ...], left: int | None
) -> _Lines:
    """As many records as fit; one at least when nothing is `left` of, since the page is empty."""
    about: dict[str, Any] = {
        "tenant_id": reading.caller.tenant_id,
        "ids": list(ids),
        "most": _ROWS,
        **{f"key_{place}": value for place, value in enumerate(key)},
    }
    try:
        rows = reading.fetch_all(kept.following if key else kept.first, about)
    except psycopg.DataError:
        raise malformed() from None
    room = PAGE if left is None else left
    lines: list[bytes] = []
    for row in rows:
        line = dump(kept.record(row)) + b"\n"
        if len(line) > room and (lines or left is not None):
            return _Lines(lines, key, full=True, last=False)
        lines.append(line)
        room -= len(line)
        key = tuple(_text(row[name]) for name in kept.key)
    return _Lines(lines, key, full=False, last=len(rows) < _ROWS)


def malformed() -> Invalid:
    """The refusal of a page token that was never given."""
    message = "The page token is not one of this service's."
    return Invalid.at("page_token", "page_token_malformed", message)


def _text(value: Any) -> str:
    """A part of a key as PostgreSQL reads it."""
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
