"""What an audit entry is, and the chain that ties each to the one before: so tampering shows.

The hash of an entry is the SHA-256 of the hash before it and of all that the entry says, each value
as a netstring (`<bytes>:<UTF-8>,`), a missing one as `-`. docs/audit-log.md says it for others who
check a chain with programs of their own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Fact

GENESIS = bytes(32)
"""What the first entry of a tenant has in place of the hash before it."""
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.IGNORECASE)
_FORM = "1"
"""Which of the ways to write an entry down this is; there has been one so far."""


@dataclass(frozen=True, slots=True)
class AuditLogExported(Fact):
    """Entries have left the platform as a file."""

    export_id: UUID
    format: str
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Who did what to which record, when and from where.

    `details` is compact JSON with sorted keys: ids and names of fields, no values that are personal.
    """

    tenant_id: UUID
    id: UUID
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    client_id: str | None
    session_id: UUID | None
    address: str | None
    service: str
    action: str
    record_kind: str | None
    record_id: UUID
    record_version: int
    trace_id: str | None
    cause: UUID | None
    details: str

    def written(self, number: int) -> bytes:
        """The one way to write the record as entry `number` down, which is what is hashed."""
        values = (
            _FORM,
            str(self.tenant_id),
            str(number),
            str(self.id),
            _moment(self.occurred_at),
            _moment(self.recorded_at),
            self.actor,
            self.client_id,
            _text(self.session_id),
            self.address,
            self.service,
            self.action,
            self.record_kind,
            str(self.record_id),
            str(self.record_version),
            self.trace_id,
            _text(self.cause),
            self.details,
        )
        return b"".join(map(_netstring, values))

    def hashed(self, number: int, previous: bytes) -> bytes:
        """The hash of the record as entry `number`, after the entry with the hash `previous`."""
        return hashlib.sha256(previous + self.written(number)).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: how many entries there are, and the hash that stands for all."""

    number: int = 0
    hash: bytes = GENESIS

    @classmethod
    def read(cls, text: str) -> Head:
        """`NUMBER:HASH`, as a verification shows it. Raises ValueError."""
        match = _HEAD.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not NUMBER:HASH with 64 hexadecimal digits")
        return cls(int(match[1]), bytes.fromhex(match[2]))

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in its place in the chain."""

    number: int
    record: Record
    previous_hash: bytes
    hash: bytes

    @classmethod
    def after(cls, head: Head, record: Record) -> Entry:
        """The entry that follows the head."""
        number = head.number + 1
        return cls(number, record, head.hash, record.hashed(number, head.hash))

    @property
    def head(self) -> Head:
        """The head of the chain that ends here."""
        return Head(self.number, self.hash)

    def is_as_written(self) -> bool:
        """Whether its content is the one that was hashed."""
        return self.hash == self.record.hashed(self.number, self.previous_hash)

    def was_number(self, numbers: Iterable[int]) -> int | None:
        """Under which of these numbers it was written, if it was moved from there."""
        for number in numbers:
            if self.hash == self.record.hashed(number, self.previous_hash):
                return number
        return None


class Damage(StrEnum):
    """What is wrong with an entry."""

    ALTERED = "altered"
    MISSING = "missing"
    MOVED = "moved"
    UNLINKED = "unlinked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that is not as it was written, and in what way."""

    number: int
    damage: Damage
    message: str


class Chain:
    """Follows a chain entry by entry from a place that is known to be whole."""

    def __init__(self, start: Head) -> None:
        self.head = start
        self.broken: Break | None = None

    def follow(self, entries: Iterable[Entry]) -> bool:
        """Check the entries that come next, in the order of their numbers; false when one is wrong."""
        page = list(entries)
        for entry in page:
            self.broken = self._fault(entry, page)
            if self.broken is not None:
                return False
            self.head = entry.head
        return True

    def arrive(self, at: Head) -> bool:
        """Check that the chain ends at the head that is kept apart; false when it does not."""
        if self.head.number < at.number:
            self.broken = _missing(self.head.number + 1, at.number)
        elif self.head.number > at.number:
            message = f"The chain goes on to {self.head.number}, and its head says {at.number}."
            self.broken = Break(at.number + 1, Damage.REPLACED, message)
        elif self.head.hash != at.hash:
            message = f"Entry {at.number} is not the one that the head of the chain names."
            self.broken = Break(at.number, Damage.REPLACED, message)
        return self.broken is None

    def _fault(self, entry: Entry, page: list[Entry]) -> Break | None:
        expected = self.head.number + 1
        if entry.number != expected:
            return _missing(expected, entry.number - 1)
        if not entry.is_as_written():
            was = entry.was_number(other.number for other in page)
            if was is not None:
                message = f"Entry {expected} is out of its place: it was entry {was}."
                return Break(expected, Damage.MOVED, message)
            message = f"The content of entry {expected} is not what was hashed."
            return Break(expected, Damage.ALTERED, message)
        if entry.previous_hash != self.head.hash:
            message = f"Entry {expected} does not follow the entry before it: one was exchanged."
            return Break(expected, Damage.UNLINKED, message)
        return None


def chained(head: Head, records: Iterable[Record]) -> Iterator[Entry]:
    """The entries that these records become after the head."""
    for record in records:
        entry = Entry.after(head, record)
        head = entry.head
        yield entry


def _missing(first: int, last: int) -> Break:
    which = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
    return Break(first, Damage.MISSING, f"{which} missing.")


def _netstring(value: str | None) -> bytes:
    if value is None:
        return b"-"
    text = value.encode()
    return b"%d:%b," % (len(text), text)


def _moment(moment: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
