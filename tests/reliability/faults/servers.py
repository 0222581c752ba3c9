"""Faults of the database and the broker: stopped, killed, full."""

from __future__ import annotations

from nats.js import JetStreamContext

from chassis.events.names import stream_name
from tests.reliability.faults.fault import Fault, Scene


def stopped(part: str, seconds: float, silences: frozenset[str], touches: frozenset[str]) -> Fault:
    """Stopped in good order, and brought back after a while."""

    def inflict(scene: Scene) -> None:
        server = scene.estate.platform.parts[part]
        server.stop()
        try:
            scene.last(seconds)
        finally:
            server.start()

    return Fault(f"{part} is stopped for {seconds:g} s", inflict, silences, touches)


def crashed(part: str, silences: frozenset[str], touches: frozenset[str]) -> Fault:
    """Killed, and started again at once."""

    def inflict(scene: Scene) -> None:
        server = scene.estate.platform.parts[part]
        server.kill()
        server.start()

    return Fault(f"{part} is killed", inflict, silences, touches)


def stream_full(producer: str, seconds: float) -> Fault:
    """The broker takes no further fact of a service: they wait in its outbox until there is room."""
    stream = stream_name(producer)

    async def limit(js: JetStreamContext, most: int) -> int:
        config = (await js.stream_info(stream)).config
        await js.update_stream(config.evolve(max_bytes=most))
        return config.max_bytes or -1

    async def held(js: JetStreamContext) -> int:
        return (await js.stream_info(stream)).state.bytes

    def inflict(scene: Scene) -> None:
        estate = scene.estate
        full = estate.manage(held)
        before = estate.manage(lambda js: limit(js, full + 1))
        try:
            scene.last(seconds)
        finally:
            estate.manage(lambda js: limit(js, before))

    return Fault(f"the stream of {producer} is full for {seconds:g} s", inflict, _NOBODY, _NOBODY)


_NOBODY: frozenset[str] = frozenset()
