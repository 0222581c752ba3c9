"""Asks the broker's monitoring port how far consumers are behind and how full it is; services may not ask over NATS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Lag:
    """`pending` messages are not taken yet, `unsettled` are at work; `settled` is how far it got."""

    stream: str
    consumer: str
    pending: int
    unsettled: int
    settled: int

    @property
    def behind(self) -> int:
        """How many messages the consumer has still to settle."""
        return self.pending + self.unsettled


@dataclass(frozen=True, slots=True)
class Stored:
    """How many bytes a stream holds, and how many it may hold before it refuses more."""

    name: str
    stored: int
    limit: int


@dataclass(frozen=True, slots=True)
class BrokerState:
    """What the server that was asked has on its disk, of what it may have; streams and consumers."""

    used: int
    limit: int
    streams: Sequence[Stored]
    lags: Sequence[Lag]


async def consumer_lags(monitor: httpx.AsyncClient) -> list[Lag]:
    """All consumers on the broker; raises `httpx.HTTPError` or ValueError without an answer."""
    return _lags(_streams(await _asked(monitor, consumers="true")))


async def broker_state(monitor: httpx.AsyncClient) -> BrokerState:
    """The same and more; raises as above, and KeyError for an answer of another shape."""
    answer = await _asked(monitor, consumers="true", config="true")
    streams = _streams(answer)
    return BrokerState(
        used=answer["storage"],
        limit=answer["config"]["max_storage"],
        streams=[
            Stored(stream["name"], stream["state"]["bytes"], stream["config"]["max_bytes"])
            for stream in streams
        ],
        lags=_lags(streams),
    )


async def _asked(monitor: httpx.AsyncClient, **what: str) -> dict[str, Any]:
    answer = await monitor.get("/jsz", params=what)
    answer.raise_for_status()
    known: dict[str, Any] = answer.json()
    return known


def _streams(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        stream
        for account in answer.get("account_details") or ()
        for stream in account.get("stream_detail") or ()
    ]


def _lags(streams: Sequence[dict[str, Any]]) -> list[Lag]:
    return [
        _lag(stream["name"], consumer)
        for stream in streams
        for consumer in stream.get("consumer_detail") or ()
    ]


def _lag(stream: str, consumer: dict[str, Any]) -> Lag:
    return Lag(
        stream,
        consumer["name"],
        consumer["num_pending"],
        consumer["num_ack_pending"],
        consumer["ack_floor"]["stream_seq"],
    )
