"""How a deployment is doing: its parts, streams, consumers, outboxes and dead letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import psycopg
from nats.js.api import ConsumerInfo, StreamInfo

from rapport_operator.bus import Bus, bus_of
from rapport_operator.deployment import Deployment
from rapport_operator.errors import OperatorError
from rapport_operator.letters import Wanted, dead_letters
from rapport_operator.outboxes import Waiting, waiting

_ASK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class PartState:
    """A part that answers, or the reason why it does not."""

    part: str
    address: str
    ready: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StreamState:
    """How much a stream holds, and how much it may."""

    stream: str
    messages: int
    bytes: int
    max_bytes: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """How far a consumer is behind: `pending` is not taken yet, `unsettled` is at work."""

    consumer: str
    stream: str
    pending: int
    unsettled: int
    redelivered: int


@dataclass(slots=True)
class Status:
    """All of it; what could not be asked is missing, and named in `parts`."""

    parts: list[PartState] = field(default_factory=list)
    streams: list[StreamState] = field(default_factory=list)
    consumers: list[ConsumerState] = field(default_factory=list)
    outboxes: dict[str, Waiting] = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)

    @property
    def needs_attention(self) -> bool:
        """Whether a part is not ready, or a fact was given up on."""
        return any(not part.ready for part in self.parts) or any(self.dead_letters.values())

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        outboxes = {
            name: asdict(one) | {"oldest_at": one.oldest_at and one.oldest_at.isoformat()}
            for name, one in self.outboxes.items()
        }
        return {
            "parts": [asdict(part) for part in self.parts],
            "streams": [asdict(stream) for stream in self.streams],
            "consumers": [asdict(consumer) for consumer in self.consumers],
            "outboxes": outboxes,
            "dead_letters": dict(self.dead_letters),
        }


async def status_of(deployment: Deployment) -> Status:
    """Ask every part; one that does not answer is told of and holds up nothing."""
    status = Status()
    async with httpx.AsyncClient(timeout=_ASK_SECONDS) as http:
        status.parts.append(
            await part_state(http, "gateway", deployment.gateway_url, "/openapi.json")
        )
        for name, service in deployment.services.items():
            for part, url in {name: service.http_url, **service.processes}.items():
                status.parts.append(await part_state(http, part, url, "/readyz"))
    for name, service in deployment.services.items():
        try:
            status.outboxes[name] = waiting(service)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            status.parts.append(PartState(f"database of {name}", "", ready=False, reason=reason))
    try:
        async with bus_of(deployment.nats.operator()) as bus:
            await _look_at_bus(bus, status)
        status.parts.append(PartState("broker", deployment.nats.url, ready=True))
    except OperatorError as error:
        status.parts.append(
            PartState("broker", deployment.nats.url, ready=False, reason=str(error))
        )
    return status


async def part_state(http: httpx.AsyncClient, name: str, address: str, path: str) -> PartState:
    """Whether an address answers 200; a service that is not ready names its failing checks."""
    try:
        answer = await http.get(f"{address}{path}")
    except httpx.HTTPError as error:
        return PartState(name, address, ready=False, reason=f"{type(error).__name__}: {error}")
    if answer.status_code == httpx.codes.OK:
        return PartState(name, address, ready=True)
    return PartState(name, address, ready=False, reason=_why(answer))


def _why(answer: httpx.Response) -> str:
    said = f"answers {answer.status_code}"
    try:
        checks = answer.json()["checks"]
        failing = [name for name, holds in checks.items() if not holds]
    except (ValueError, KeyError, TypeError, AttributeError):
        return said
    return f"{said}: {', '.join(failing)}"


async def _look_at_bus(bus: Bus, status: Status) -> None:
    for info in await bus.streams():
        stream = stream_state(info)
        status.streams.append(stream)
        found = await bus.consumers(stream.stream)
        status.consumers += [_consumer_state(consumer) for consumer in found]
    counted = Counter([letter.service async for letter in dead_letters(bus, Wanted())])
    status.dead_letters = dict(sorted(counted.items()))


def stream_state(info: StreamInfo) -> StreamState:
    """What matters of the broker's answer."""
    state, config = info.state, info.config
    return StreamState(
        config.name or "", state.messages, state.bytes, config.max_bytes or -1, state.last_seq
    )


def _consumer_state(info: ConsumerInfo) -> ConsumerState:
    return ConsumerState(
        info.name,
        info.stream_name,
        info.num_pending or 0,
        info.num_ack_pending or 0,
        info.num_redelivered or 0,
    )
