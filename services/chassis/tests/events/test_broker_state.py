"""How full the broker is, as its monitoring port tells it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from chassis.events.lag import BrokerState, Lag, Stored, broker_state

_CONSUMER = {
    "name": "identity_contacts",
    "num_pending": 3,
    "num_ack_pending": 1,
    "ack_floor": {"stream_seq": 7},
}
_STREAM = {
    "name": "RAPPORT_CONTACTS",
    "config": {"max_bytes": 1000},
    "state": {"bytes": 250},
    "consumer_detail": [_CONSUMER],
}
ANSWER: dict[str, Any] = {
    "storage": 300,
    "config": {"max_storage": 4000},
    "account_details": [{"stream_detail": [_STREAM]}],
}


def told(answer: dict[str, Any], status: int = 200) -> BrokerState:
    """What is read of an answer of the monitoring port."""

    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/jsz"
        assert dict(request.url.params) == {"consumers": "true", "config": "true"}
        return httpx.Response(status, json=answer)

    async def ask() -> BrokerState:
        transport = httpx.MockTransport(respond)
        async with httpx.AsyncClient(base_url="http://broker", transport=transport) as monitor:
            return await broker_state(monitor)

    return asyncio.run(ask())


def test_disk_streams_and_consumers_are_told_in_one_answer() -> None:
    assert told(ANSWER) == BrokerState(
        used=300,
        limit=4000,
        streams=[Stored("RAPPORT_CONTACTS", 250, 1000)],
        lags=[Lag("RAPPORT_CONTACTS", "identity_contacts", 3, 1, 7)],
    )


def test_a_broker_without_streams_is_empty_and_no_mistake() -> None:
    state = told({"storage": 0, "config": {"max_storage": 4000}})
    assert (state.streams, state.lags) == ([], [])


def test_an_answer_of_another_shape_and_a_refusal_are_errors() -> None:
    with pytest.raises(KeyError, match="config"):
        told({"storage": 0})
    with pytest.raises(httpx.HTTPStatusError):
        told(ANSWER, status=503)
