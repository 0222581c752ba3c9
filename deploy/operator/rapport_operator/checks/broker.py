"""Checks of the broker: JetStream, synchronous writes, streams and consumers as provisioned, room, lag."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from nats.js.api import ConsumerConfig, StreamConfig

from chassis.events.names import (
    DEAD_STREAM,
    DEAD_SUBJECTS,
    REPLAY_STREAM,
    consumer_name,
    replay_consumer,
    said_by,
    stream_name,
)
from chassis.events.provision import (
    StreamLimits,
    consumer_config,
    replay_consumer_config,
    replay_stream_config,
    stream_config,
)
from rapport_operator.bus import Bus, bus_of
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.findings import Finding, well, wrong
from rapport_operator.letters import Wanted, dead_letters

_FULL = 0.8
_BEHIND = 10_000
_WHERE_TO_LOOK = "set nats.monitor_url right"
_STREAM_KEYS = "subjects retention storage discard max_age duplicate_window allow_direct".split()
_CONSUMER_KEYS = "ack_policy ack_wait max_deliver max_ack_pending deliver_policy".split()


async def check_broker(deployment: Deployment) -> AsyncIterator[Finding]:
    """All checks of the broker; only the first when it is not reached."""
    about = deployment.nats.url
    try:
        async with bus_of(deployment.nats.operator()) as bus:
            yield well("broker", about, "reached, and JetStream answers")
            for name in deployment.services:
                async for finding in _check_service(bus, name):
                    yield finding
            for stream, wanted in _shared_streams().items():
                yield await _stream(bus, stream, wanted, "any service")
            async for finding in _check_load(bus):
                yield finding
    except OperatorError as error:
        yield wrong(
            "broker",
            about,
            str(error),
            "start NATS with JetStream, or set nats.url and nats.operator_password right",
        )
    yield await _check_store(deployment)
    yield await _check_writes(deployment)


def _shared_streams() -> dict[str, StreamConfig]:
    limits = StreamLimits()
    return {
        DEAD_STREAM: stream_config(DEAD_STREAM, [DEAD_SUBJECTS], limits),
        REPLAY_STREAM: replay_stream_config(limits),
    }


async def _check_service(bus: Bus, name: str) -> AsyncIterator[Finding]:
    try:
        description = description_of(name)
    except OperatorError as error:
        yield wrong("streams", name, str(error), "run this where the services are installed")
        return
    own = stream_config(stream_name(name), said_by(name), StreamLimits())
    yield await _stream(bus, stream_name(name), own, description.package)
    for producer, types in description.consumes.items():
        wanted = consumer_config(name, producer, types)
        place = (stream_name(producer), consumer_name(name, producer))
        yield await _consumer(bus, place, wanted, description.package)
    if description.consumes:
        place = (REPLAY_STREAM, replay_consumer(name))
        yield await _consumer(bus, place, replay_consumer_config(name), description.package)


async def _stream(bus: Bus, name: str, wanted: StreamConfig, package: str) -> Finding:
    remedy = f"python -m {package} provision"
    info = await bus.stream(name)
    if info is None:
        return wrong("stream", name, "there is none", f"{remedy}; then `rapport events restore`")
    drift = list(_drift(info.config, wanted, _STREAM_KEYS))
    if drift:
        return wrong("stream", name, f"not as provisioned: {'; '.join(drift)}", remedy)
    return well("stream", name, f"{info.state.messages:,} messages")


async def _consumer(
    bus: Bus, place: tuple[str, str], wanted: ConsumerConfig, package: str
) -> Finding:
    stream, name = place
    remedy = f"python -m {package} provision"
    found = [one for one in await _consumers(bus, stream) if one.name == name]
    if not found:
        return wrong("consumer", name, f"there is none on {stream}", remedy)
    config = found[0].config
    drift = list(_drift(config, wanted, _CONSUMER_KEYS))
    there = config.filter_subjects or ([config.filter_subject] if config.filter_subject else [])
    if sorted(there) != sorted(wanted.filter_subjects or []):
        drift.append("it takes other types of facts than this version of the service")
    if drift:
        return wrong("consumer", name, f"not as provisioned: {'; '.join(drift)}", remedy)
    return well("consumer", name, f"{found[0].num_pending or 0:,} pending")


async def _consumers(bus: Bus, stream: str) -> list[Any]:
    return [] if await bus.stream(stream) is None else list(await bus.consumers(stream))


def _drift(there: object, wanted: object, keys: list[str]) -> Iterator[str]:
    for key in keys:
        found, meant = getattr(there, key), getattr(wanted, key)
        if (found or None) != (meant or None):
            yield f"{key} is {_plain(found)}, and should be {_plain(meant)}"


def _plain(value: object) -> str:
    return str(getattr(value, "value", value))


async def _check_load(bus: Bus) -> AsyncIterator[Finding]:
    for info in await bus.streams():
        name, most = info.config.name or "", info.config.max_bytes or 0
        if most > 0 and info.state.bytes > _FULL * most:
            yield wrong(
                "room",
                name,
                f"{100 * info.state.bytes / most:.0f} % of {most / 2**20:,.0f} MiB are used",
                "raise max_bytes before it is full: then it takes no new facts, and outboxes grow",
            )
        for consumer in await bus.consumers(name):
            if (consumer.num_pending or 0) > _BEHIND:
                yield wrong(
                    "lag",
                    consumer.name,
                    f"{consumer.num_pending:,} facts behind",
                    "see whether the service's worker runs and what its log says",
                )
    letters = [letter async for letter in dead_letters(bus, Wanted())]
    if letters:
        yield wrong(
            "dead letters",
            "all services",
            f"{len(letters)}, the last of {letters[-1].service}: {letters[-1].reason}",
            "`rapport dead-letters list`, mend the cause, then `rapport dead-letters replay`",
        )
    else:
        yield well("dead letters", "all services", "none")


async def _check_store(deployment: Deployment) -> Finding:
    """Whether the broker can write; after an error of the disk a stream takes nothing until a restart."""
    about, url = deployment.nats.url, deployment.nats.monitor_url
    if url is None:
        return well("store", about, "not looked at: no nats.monitor_url is given")
    try:
        async with httpx.AsyncClient(timeout=3) as http:
            answer = await http.get(f"{url}/healthz")
    except httpx.HTTPError as error:
        return wrong("store", about, f"{url} does not answer: {error}", _WHERE_TO_LOOK)
    if answer.status_code == httpx.codes.OK:
        return well("store", about, "every stream can be written")
    return wrong(
        "store", about, _reason(answer), "make room on the broker's disk, then restart the broker"
    )


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"answers {answer.status_code}"


async def _check_writes(deployment: Deployment) -> Finding:
    """Whether the broker writes to the disk before it acknowledges."""
    about, url = deployment.nats.url, deployment.nats.monitor_url
    if url is None:
        return well("synchronous writes", about, "not looked at: no nats.monitor_url is given")
    try:
        async with httpx.AsyncClient(timeout=3) as http:
            answer = (await http.get(f"{url}/jsz", params={"config": "true"})).json()
    except (httpx.HTTPError, ValueError) as error:
        return wrong(
            "synchronous writes",
            about,
            f"{url} does not answer: {error}",
            _WHERE_TO_LOOK,
        )
    config = answer.get("config") or {}
    if not config.get("sync_always"):
        return wrong(
            "synchronous writes",
            about,
            "the broker may lose facts that it has acknowledged when the machine crashes",
            "set jetstream.sync_interval to always in the broker's configuration",
        )
    used, most = int(answer.get("storage", 0)), int(config.get("max_storage", 0))
    if most and used > _FULL * most:
        return wrong(
            "room",
            about,
            f"{100 * used / most:.0f} % of JetStream's storage are used",
            "raise jetstream.max_file_store, or add a disk",
        )
    return well("synchronous writes", about, "written to disk before the acknowledgement")
