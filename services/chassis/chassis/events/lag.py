"""Asks the broker's monitoring port how far consumers are behind; services may not ask over NATS."""

from __future__ import annotations

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


async def consumer_lags(monitor: httpx.AsyncClient) -> list[Lag]:
    """All consumers on the broker; raises `httpx.HTTPError` or ValueError without an answer."""
    answer = await monitor.get("/jsz", params={"consumers": "true"})
    answer.raise_for_status()
    return [
        _lag(stream["name"], consumer)
        for account in answer.json().get("account_details") or ()
        for stream in account.get("stream_detail") or ()
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
