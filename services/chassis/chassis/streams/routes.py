"""Declares streams: where they are, what they need, and where their events come from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from chassis.context import Caller


class Source(Protocol):
    """Where one reader's events come from. Used within the event loop, by one stream alone."""

    async def pull(self) -> bytes:
        """What there is for the reader now, as events; empty when there is nothing."""
        ...

    @property
    def position(self) -> str | None:
        """How far the reader is, for events that do not come."""
        ...

    def check(self, caller: Caller) -> None:
        """Look at the reader's rights, which have changed. Raises `DomainError` when none is left."""
        ...

    def close(self) -> None:
        """The reader is gone."""
        ...


@dataclass(frozen=True, slots=True)
class StreamCall:
    """Who wants a stream of what. `wake` tells the stream that there may be something to pull."""

    caller: Caller
    query: Mapping[str, str]
    last_event_id: str | None
    wake: Callable[[], None]


@dataclass(frozen=True, slots=True)
class StreamRoute:
    """A stream of server-sent events.

    `open` raises `DomainError` for whoever may not have it, or asks for what there is not.
    `permission` is one that the reader needs, or `SIGNED_IN` when `open` looks at that itself.
    `parameters` says of each what it is for; `problems` are statuses besides those of all streams.
    """

    path: str
    name: str
    tag: str
    permission: str
    summary: str
    description: str
    parameters: Mapping[str, str]
    open: Callable[[StreamCall], Awaitable[Source]]
    problems: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams that a service offers in the role `stream`.

    `woken` is called in the event loop when something was committed on one of the `channels`, and
    every few seconds besides.
    """

    routes: tuple[StreamRoute, ...]
    channels: tuple[str, ...]
    woken: Callable[[], None]
