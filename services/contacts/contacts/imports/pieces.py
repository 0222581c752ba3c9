"""The uploaded file: in the database, in pieces of at most 1 MiB, read from front to back or here and there.

Pods have no disk of their own to write to, and any of them may go on with an import.
"""

from __future__ import annotations

import hashlib
import io
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from typing_extensions import Buffer

from chassis.domain import Conflict, Invalid
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.imports.storage import import_parts

PIECE = 1024 * 1024
PART = 16 * PIECE
MAX_PARTS = 10_000
_HELD = 6
"""Pieces in memory: a workbook is read at three places at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a file as it was sent."""

    number: int
    pieces: tuple[bytes, ...]
    size: int
    sha256: str

    @classmethod
    def read(cls, number: int, read: Callable[[int], bytes]) -> Part:
        """A part from a stream, which ends."""
        pieces: list[bytes] = []
        while piece := _whole_piece(read):
            pieces.append(piece)
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        return cls(number, tuple(pieces), sum(map(len, pieces)), digest.hexdigest())


def _whole_piece(read: Callable[[int], bytes]) -> bytes:
    """A full piece, unless the stream ends."""
    pieces, missing = [], PIECE
    while missing and (data := read(missing)):
        pieces.append(data)
        missing -= len(data)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def store_part(tx: UnitOfWork, import_id: UUID, part: Part, limit: int) -> None:
    """Keep a part in the place of an earlier one of its number.

    Raises `Invalid` when the file would have more than `limit` bytes.
    """
    about = {"tenant_id": tx.tenant_id, "import_id": import_id, "number": part.number}
    others = tx.fetch_one(_OTHERS, about)
    size = (0 if others is None else int(others["size"])) + part.size
    if size > limit:
        raise too_large(size, limit)
    tx.write(_FORGET, about)
    tx.write(_KEEP, {**about, "size": part.size, "sha256": part.sha256})
    for place, data in enumerate(part.pieces):
        tx.write(_KEEP_PIECE, {**about, "piece": place, "data": data})


def too_large(size: int, limit: int) -> Invalid:
    """The refusal of a file that is too large."""
    return Invalid(
        f"The file has {size} bytes; an import takes at most {limit}. Import it in several files.",
        code="import_too_large",
    )


def require_whole(tx: UnitOfWork, import_id: UUID, parts: int | None) -> int:
    """The size of a file whose parts are all there; `parts` is how many there should be.

    Raises `Conflict` that names those that lack.
    """
    found = tx.connection.execute(
        sa.select(import_parts.c.number, import_parts.c.size)
        .where(import_parts.c.tenant_id == tx.tenant_id, import_parts.c.import_id == import_id)
        .order_by(import_parts.c.number)
    ).all()
    numbers = {row.number for row in found}
    last = max([*numbers, parts or 1])
    missing = [number for number in range(1, last + 1) if number not in numbers]
    if missing:
        named = ", ".join(map(str, missing[:20])) + (", …" if len(missing) > 20 else "")
        raise Conflict(f"These parts are missing: {named}.", code="import_parts_missing")
    if parts is not None and last > parts:
        raise Conflict(
            f"There are {last} parts, not {parts}; the number of parts begins with 1.",
            code="import_parts_surplus",
        )
    return sum(row.size for row in found)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece is: in which part, and which one there."""

    part: int
    piece: int


Read = Callable[[Callable[[Reading], Any]], Any]
"""Runs a query in a short transaction of its own."""


class UploadedFile(io.RawIOBase):
    """The file as a stream to read from any place; holds a few pieces of it."""

    def __init__(self, read: Read, import_id: UUID) -> None:
        self._read = read
        self._import_id = import_id
        layout = list(read(lambda reading: _layout(reading, import_id)))
        self._places = [place for place, _ in layout]
        self._starts = [0, *accumulate(size for _, size in layout)]
        self.size = self._starts[-1]
        self._at = 0
        self._held: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer).cast("B")
        if self._at >= self.size:
            return 0
        index = bisect_right(self._starts, self._at) - 1
        begin = self._at - self._starts[index]
        data = memoryview(self._piece(index))[begin : begin + len(target)]
        target[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _piece(self, index: int) -> bytes:
        if index in self._held:
            self._held.move_to_end(index)
            return self._held[index]
        place = self._places[index]
        data: bytes = self._read(lambda reading: _fetch(reading, self._import_id, place))
        self._held[index] = data
        if len(self._held) > _HELD:
            self._held.popitem(last=False)
        return data


def _layout(reading: Reading, import_id: UUID) -> Iterator[tuple[Place, int]]:
    """Every piece in order, with its size; empty ones are left out."""
    about = {"tenant_id": reading.caller.tenant_id, "import_id": import_id}
    for row in reading.fetch_all(_PARTS, about):
        for piece, start in enumerate(range(0, row["size"], PIECE)):
            yield Place(row["number"], piece), min(PIECE, row["size"] - start)


def _fetch(reading: Reading, import_id: UUID, place: Place) -> bytes:
    about = {
        "tenant_id": reading.caller.tenant_id,
        "import_id": import_id,
        "part": place.part,
        "piece": place.piece,
    }
    row = reading.fetch_one(_PIECE, about)
    if row is None:
        raise Conflict("The file is no longer there.", code="import_file_gone")
    return bytes(row["data"])


_OTHERS = Statement(
    "SELECT coalesce(sum(size), 0) AS size FROM import_parts WHERE tenant_id = %(tenant_id)s"
    " AND import_id = %(import_id)s AND number <> %(number)s"
)
_FORGET = Statement(
    "DELETE FROM import_parts WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s"
    " AND number = %(number)s"
)
_KEEP = Statement(
    "INSERT INTO import_parts (tenant_id, import_id, number, size, sha256)"
    " VALUES (%(tenant_id)s, %(import_id)s, %(number)s, %(size)s, %(sha256)s)"
)
_KEEP_PIECE = Statement(
    "INSERT INTO import_pieces (tenant_id, import_id, part, piece, data)"
    " VALUES (%(tenant_id)s, %(import_id)s, %(number)s, %(piece)s, %(data)s)"
)
_PARTS = Statement(
    "SELECT number, size FROM import_parts WHERE tenant_id = %(tenant_id)s"
    " AND import_id = %(import_id)s ORDER BY number"
)
_PIECE = Statement(
    "SELECT data FROM import_pieces WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s"
    " AND part = %(part)s AND piece = %(piece)s"
)
