"""What was sent to the platform and what it answered: the run's own books."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What the client knows of a write in the end."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a write does."""

    CREATE_PERSON = "create person"
    CHANGE_PERSON = "change person"
    ARCHIVE_PERSON = "archive person"
    RECORD_INTERACTION = "record interaction"
    CREATE_TEAM = "create team"
    SEND_MESSAGE = "send message"
    PLACE_ORDER = "place order"
    DELIVER_ORDER = "deliver order"
    PLAN_REMINDER = "plan reminder"
    OPEN_TICKET = "open ticket"
    WRITE_AS_CUSTOMER = "write as customer"
    REPLY = "reply"
    RESOLVE_TICKET = "resolve ticket"
    HAND_OVER_MAIL = "hand over mail"
    HAND_OVER_ANSWER = "hand over answer"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a request was sent; without a status there was no answer."""

    began: float
    ended: float
    status: int | None
    replayed: bool = False
    said: str = ""
    """The beginning of an answer that is no success."""


@dataclass(slots=True)
class Write:
    """A write with all attempts at it.

    `mark` is a text of its own that it leaves behind; `subject` is the mark of the person, order or
    ticket that it is about. `id` is the id in the answer; `expected_refusal` says that it was sent to be refused.
    """

    kind: Kind
    mark: str
    subject: str
    expected_refusal: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    outcome: Outcome = Outcome.UNKNOWN
    id: str | None = None
    at: str | None = None
    """When the interaction took place, as it was sent."""

    @property
    def began(self) -> float:
        """When it was first sent."""
        return self.attempts[0].began

    def was_sent_between(self, begin: float, end: float) -> bool:
        """Whether an attempt at it fell into this time."""
        return any(a.began <= end and a.ended >= begin for a in self.attempts)


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of a service through the gateway, and whether it was answered well."""

    service: str
    began: float
    ended: float
    answered: str
    """The status, or what went wrong."""


class Ledger:
    """All writes and readings of a run; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: list[Write] = []
        self._readings: list[Reading] = []

    def note_write(self, write: Write) -> None:
        """Keep a write that is over."""
        with self._lock:
            self._writes.append(write)

    def note_reading(self, reading: Reading) -> None:
        """Keep a reading."""
        with self._lock:
            self._readings.append(reading)

    @property
    def writes(self) -> list[Write]:
        """All writes so far."""
        with self._lock:
            return list(self._writes)

    def of_kind(self, *kinds: Kind) -> Iterator[Write]:
        """The writes of these kinds."""
        return (write for write in self.writes if write.kind in kinds)

    def readings_between(self, service: str, begin: float, end: float) -> list[Reading]:
        """The readings of a service that were under way at this time."""
        with self._lock:
            return [
                one
                for one in self._readings
                if one.service == service and one.began <= end and one.ended >= begin
            ]


def counts(writes: Iterable[Write]) -> dict[str, int]:
    """How many of each outcome."""
    found = dict.fromkeys(map(str, Outcome), 0)
    for write in writes:
        found[write.outcome] += 1
    return found
