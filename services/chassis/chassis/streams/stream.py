"""One reader's stream, from its first byte to its end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from enum import StrEnum
from typing import Any

import orjson

from chassis.context import Caller
from chassis.domain import DomainError
from chassis.streams.events import event, heartbeat, retry
from chassis.streams.routes import Source

log = logging.getLogger("chassis.streams")

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_RETRY_SECONDS = 2.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Ending(StrEnum):
    """Why a stream has ended, as its last event says, where it can still be said."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a word
    ACCESS_LOST = "access_lost"
    RESTARTING = "restarting"
    TOO_SLOW = "too_slow"
    CLIENT_GONE = "client_gone"
    FAILED = "failed"


class Stream:
    """Pulls from its source and writes, at the reader's own pace.

    Nothing is kept here for a reader but its position: one that does not read for long is cut
    off, and comes again with the last id that it has seen.
    """

    def __init__(
        self, token: str, caller: Caller, expires_at: float, *, beat: float, patience: float
    ) -> None:
        self.token = token
        self.caller = caller
        self._expires_at = expires_at
        self._beat = beat
        self._patience = patience
        self._woken = asyncio.Event()
        self._ending: Ending | None = None
        self._source: Source | None = None

    def wake(self) -> None:
        """There may be something to pull."""
        self._woken.set()

    def end(self, why: Ending) -> None:
        """End soon; the first reason is the one that is told."""
        if self._ending is None:
            self._ending = why
        self._woken.set()

    def check(self, caller: Caller) -> None:
        """Go on with the rights that the reader has now, or end."""
        self.caller = caller
        if self._source is None:
            return
        try:
            self._source.check(caller)
        except DomainError:
            self.end(Ending.ACCESS_LOST)

    async def run(self, source: Source, receive: Receive, send: Send) -> Ending:
        """Write until there is a reason to end; gives it."""
        self._source = source
        watching = asyncio.create_task(self._watch(receive))
        try:
            await self._say(
                send, {"type": "http.response.start", "status": 200, "headers": _HEADERS}
            )
            await self._write(send, retry(_RETRY_SECONDS))
            why = await self._go_on(source, send)
            await self._last_words(send, why)
        finally:
            watching.cancel()
            source.close()
        return why

    async def _go_on(self, source: Source, send: Send) -> Ending:
        beat_at = time.monotonic() + self._beat
        while self._ending is None:
            self._woken.clear()
            try:
                events = await source.pull()
            except DomainError as error:
                log.warning("a stream ends: %s", error.message)
                return Ending.FAILED
            if events:
                if not await self._write(send, events):
                    return Ending.TOO_SLOW
                beat_at = time.monotonic() + self._beat
                continue
            await self._wait(beat_at)
            if time.time() >= self._expires_at:
                self.end(Ending.TOKEN_EXPIRED)
            elif time.monotonic() >= beat_at:
                if not await self._write(send, heartbeat(source.position)):
                    return Ending.TOO_SLOW
                beat_at = time.monotonic() + self._beat
        return self._ending

    async def _wait(self, until: float) -> None:
        """Until woken, the next beat is due or the token has expired."""
        left = min(until - time.monotonic(), self._expires_at - time.time())
        try:
            async with asyncio.timeout(max(left, 0)):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end(Ending.CLIENT_GONE)

    async def _last_words(self, send: Send, why: Ending) -> None:
        if why in (Ending.CLIENT_GONE, Ending.TOO_SLOW):
            return
        said = event(orjson.dumps({"reason": why.value}), name="end")
        await self._say(send, {"type": "http.response.body", "body": said})

    async def _write(self, send: Send, body: bytes) -> bool:
        return await self._say(
            send, {"type": "http.response.body", "body": body, "more_body": True}
        )

    async def _say(self, send: Send, message: MutableMapping[str, Any]) -> bool:
        """Whether the reader has taken it in time, or will: what is under way is bounded."""
        try:
            async with asyncio.timeout(self._patience):
                await send(message)
        except TimeoutError:
            return False
        return True
