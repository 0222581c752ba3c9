"""The bus as an operator sees it: streams, consumers, single messages, and the way to have one done again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo, RawStreamMsg, StreamInfo
from nats.js.errors import APIError, NotFoundError

from chassis.events.broker import BrokerLogin, BrokerUnreachable, connected
from chassis.events.names import REPLAY_STREAM
from rapport_operator.errors import OperatorError

_AT_ONCE: Final = 200
_SECONDS: Final = 10
_STREAM_FULL: Final = 10077
_FULL_SECONDS: Final = 0.2
_FULL_TRIES: Final = 300


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in a stream."""

    sequence: int
    subject: str
    headers: Mapping[str, str]
    payload: bytes
    stored_at: datetime


class Bus:
    """One connection with the operator's login."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js

    async def streams(self) -> list[StreamInfo]:
        """All streams, by name."""
        return sorted(await self._js.streams_info(), key=lambda info: info.config.name or "")

    async def stream(self, name: str) -> StreamInfo | None:
        """One stream, or None when there is none of that name."""
        try:
            return await self._js.stream_info(name)
        except NotFoundError:
            return None

    async def consumers(self, stream: str) -> list[ConsumerInfo]:
        """The consumers of a stream, by name."""
        return sorted(await self._js.consumers_info(stream), key=lambda info: info.name)

    async def message(self, stream: str, sequence: int) -> Stored | None:
        """One message, or None when it is not there (any more)."""
        try:
            return _stored(await self._js.get_msg(stream, sequence))
        except NotFoundError:
            return None

    async def messages(self, stream: str, first: int = 1) -> AsyncIterator[Stored]:
        """All messages from a place on, oldest first, up to what is the last one now."""
        info = await self.stream(stream)
        if info is None or not info.state.messages:
            return
        place, last = max(first, info.state.first_seq), info.state.last_seq
        while place <= last:
            until = min(place + _AT_ONCE, last + 1)
            slice_ = await asyncio.gather(*(self.message(stream, n) for n in range(place, until)))
            for found in slice_:
                if found is not None:
                    yield found
            place = until

    async def first_since(self, stream: str, since: datetime) -> int | None:
        """The place of the first message that was stored at that time or later; None if none was."""
        info = await self.stream(stream)
        if info is None or not info.state.messages:
            return None
        low, high = info.state.first_seq, info.state.last_seq + 1
        while low < high:
            middle = (low + high) // 2
            found = await self._at_or_after(stream, middle, high)
            if found is None or found.stored_at >= since:
                high = middle
            else:
                low = found.sequence + 1
        return low if low <= info.state.last_seq else None

    async def _at_or_after(self, stream: str, place: int, end: int) -> Stored | None:
        for sequence in range(place, end):
            found = await self.message(stream, sequence)
            if found is not None:
                return found
        return None

    async def drop(self, stream: str, sequence: int) -> bool:
        """Delete one message; says whether it was there."""
        try:
            return bool(await self._js.delete_msg(stream, sequence))
        except APIError as error:
            if error.code in {400, 404}:
                return False
            raise

    async def replay(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> None:
        """Put a fact into the stream of replays, and wait until the broker has it.

        A full stream is waited for a while: it empties as services work. Raises `OperatorError`.
        """
        for _ in range(_FULL_TRIES):
            try:
                await self._js.publish(
                    subject, payload, timeout=_SECONDS, headers=dict(headers), stream=REPLAY_STREAM
                )
            except APIError as error:
                if error.err_code != _STREAM_FULL:
                    raise
                await asyncio.sleep(_FULL_SECONDS)
            else:
                return
        raise OperatorError(f"{REPLAY_STREAM} is full, and no service takes anything out of it")


def _stored(message: RawStreamMsg) -> Stored:
    if message.seq is None or message.subject is None or message.time is None:
        raise OperatorError("the broker answered with a message without place, subject or time")
    headers = {str(name): str(value) for name, value in (message.headers or {}).items()}
    return Stored(message.seq, message.subject, headers, message.data or b"", message.time)


@asynccontextmanager
async def bus_of(login: BrokerLogin) -> AsyncIterator[Bus]:
    """The bus for the length of a block; raises `OperatorError` when the broker fails us."""
    try:
        async with connected(login, "rapport-operator") as connection:
            yield Bus(connection.client.jetstream(timeout=_SECONDS))
    except BrokerUnreachable as error:
        raise OperatorError(str(error)) from None
    except (NatsError, TimeoutError) as error:
        raise OperatorError(
            f"the broker at {login.url} does not do what it was asked for: {str(error) or type(error).__name__}"
        ) from error
