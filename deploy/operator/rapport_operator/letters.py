"""Dead letters: the facts that a service gave up on, looked at, done again, or dropped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.events.delivery import REPLAYED_FROM
from chassis.events.names import DEAD_STREAM, replay_subject
from rapport_operator.bus import Bus, Stored
from rapport_operator.errors import OperatorError

_SUBJECT = re.compile(r"rapport\.(?P<service>[^.]+)\.dead\.v1\.(?P<type>.+)")
_PLACE = re.compile(r"(?P<stream>[A-Z0-9_]+):(?P<sequence>\d+)\Z")
_OWN = re.compile(r"dead-|nats-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One fact that one service gave up on; `id` is its number in the stream of dead letters."""

    id: int
    service: str
    type: str
    reason: str
    at: datetime
    attempts: int
    origin: str
    """The producer's stream and the fact's number in it."""
    headers: Mapping[str, str]
    payload: bytes
    is_whole: bool
    """Whether all of the content is here, neither too large nor too personal to be kept twice."""

    @classmethod
    def of(cls, stored: Stored) -> DeadLetter | None:
        """None for a message that is no dead letter."""
        place = _SUBJECT.fullmatch(stored.subject)
        if place is None:
            return None
        headers = stored.headers
        attempts = headers.get("dead-attempts", "")
        return cls(
            id=stored.sequence,
            service=place["service"],
            type=place["type"],
            reason=headers.get("dead-reason", ""),
            at=stored.stored_at,
            attempts=int(attempts) if attempts.isdecimal() else 0,
            origin=headers.get("dead-from", ""),
            headers=headers,
            payload=stored.payload,
            is_whole="dead-content" not in headers,
        )

    @property
    def fact_headers(self) -> dict[str, str]:
        """The headers that the fact itself had."""
        return {name: value for name, value in self.headers.items() if not _OWN.match(name)}

    def summary(self) -> dict[str, Any]:
        """What a list shows, as JSON."""
        return {
            "id": self.id,
            "service": self.service,
            "type": self.type,
            "reason": self.reason,
            "at": self.at.isoformat(),
            "attempts": self.attempts,
            "from": self.origin,
            "event_id": self.headers.get("ce-id"),
            "tenant_id": self.headers.get("tenant-id"),
            "aggregate_id": self.headers.get("ce-subject"),
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters are meant; what is None does not matter."""

    service: str | None = None
    type: str | None = None
    since: datetime | None = None
    reason: str | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """The type may be given without its package, the reason as any part of it."""
        return (
            self.service in {None, letter.service}
            and self.type in {None, letter.type, letter.type.rpartition(".")[2]}
            and (self.since is None or letter.at >= self.since)
            and (self.reason is None or self.reason.lower() in letter.reason.lower())
        )


async def dead_letters(bus: Bus, wanted: Wanted) -> AsyncIterator[DeadLetter]:
    """Those that are meant, oldest first."""
    first = 1 if wanted.since is None else await bus.first_since(DEAD_STREAM, wanted.since)
    if first is None:
        return
    async for stored in bus.messages(DEAD_STREAM, first):
        letter = DeadLetter.of(stored)
        if letter is not None and wanted.takes(letter):
            yield letter


async def dead_letter(bus: Bus, number: int) -> DeadLetter:
    """Raises `OperatorError` when there is none of that number."""
    stored = await bus.message(DEAD_STREAM, number)
    letter = None if stored is None else DeadLetter.of(stored)
    if letter is None:
        raise OperatorError(
            f"there is no dead letter {number}: it was replayed or dropped, is older than 30 days, "
            "or never was; `rapport dead-letters list` shows those there are"
        )
    return letter


async def replay(bus: Bus, letter: DeadLetter) -> None:
    """Have the service that gave up on the fact, and no other, do it again.

    The letter goes when the broker has the replay: what fails again becomes a new letter. Raises
    `OperatorError` when the fact's content is nowhere any more.
    """
    payload = await content_of(bus, letter)
    if payload is None:
        raise OperatorError(
            f"dead letter {letter.id} does not hold the whole content, which is no longer "
            f"at {letter.origin}: `rapport events replay --from-outbox` finds it for 30 days"
        )
    headers = letter.fact_headers | {
        # By this the broker takes a second order for the same letter as the first one.
        "Nats-Msg-Id": f"replay:{DEAD_STREAM}:{letter.id}",
        REPLAYED_FROM: letter.origin,
    }
    await bus.replay(replay_subject(letter.service, letter.type), payload, headers)
    await bus.drop(DEAD_STREAM, letter.id)


async def drop(bus: Bus, letter: DeadLetter) -> None:
    """Delete the letter for good; raises `OperatorError` when somebody else was faster."""
    if not await bus.drop(DEAD_STREAM, letter.id):
        raise OperatorError(f"dead letter {letter.id} is gone already")


async def content_of(bus: Bus, letter: DeadLetter) -> bytes | None:
    """The fact's content: the letter's own, or what is where the fact was; None when it has gone."""
    if letter.is_whole:
        return letter.payload
    place = _PLACE.match(letter.origin)
    found = await bus.message(place["stream"], int(place["sequence"])) if place else None
    return None if found is None else found.payload
