"""What the broker has: messages of a stream as they are, and how far consumers have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from tests.at_broker import behind
from tests.reliability.estate import Estate


@dataclass(frozen=True, slots=True)
class Published:
    """A message of a stream."""

    subject: str
    headers: dict[str, str]
    payload: bytes

    @property
    def fact_id(self) -> str:
        """The id of the fact; empty when it has none."""
        return self.headers.get("ce-id", "")


def published(estate: Estate, stream: str, most: int | None = None) -> list[Published]:
    """The messages of a stream, the oldest first; `most` of the last ones."""

    async def read(js: JetStreamContext) -> list[Published]:
        state = (await js.stream_info(stream)).state
        if not state.messages:
            return []
        first = state.first_seq if most is None else max(state.first_seq, state.last_seq + 1 - most)
        found = []
        for place in range(first, state.last_seq + 1):
            try:
                message = await js.get_msg(stream, place)
            except NotFoundError:
                continue
            headers = dict(message.headers or {})
            found.append(Published(message.subject or "", headers, message.data or b""))
        return found

    return estate.manage(read)


def say(estate: Estate, service: str, messages: Sequence[Published]) -> None:
    """Publish messages on a service's behalf, each when the broker has the one before."""

    async def publish(js: JetStreamContext) -> None:
        for one in messages:
            await js.publish(one.subject, one.payload, headers=one.headers)

    estate.speak_as(service, publish)


def backlog(estate: Estate) -> dict[str, int]:
    """How many facts each consumer has before it or in hand; those that are done are left out."""
    return behind(estate.platform)


def unpublished(estate: Estate) -> dict[str, int]:
    """How many facts wait in each outbox; empty ones are left out."""
    statement = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    found = {name: estate.query(name, statement)[0][0] for name in estate.services}
    return {name: count for name, count in found.items() if count}
