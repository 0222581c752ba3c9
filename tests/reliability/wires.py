"""Wires between parts of the platform, which a run cuts, slows and silences: small proxies of TCP."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

_CHUNK = 64 * 1024
_TRICKLE_BYTES = 128
_NO_LINGER = struct.pack("ii", 1, 0)
_ENDED = (ConnectionError, OSError, asyncio.IncompleteReadError)


@dataclass(frozen=True, slots=True)
class Condition:
    """What becomes of the bytes in one direction, or of new connections."""

    latency: float = 0.0
    """Seconds that each portion waits."""
    bytes_per_second: int | None = None
    silent: bool = False
    """Bytes are kept until the wire is mended; nobody is told."""


CLEAR = Condition()
SILENT = Condition(silent=True)


class Wire:
    """One address to connect to in the place of a server's.

    Call it from any thread. A connection that is open when the condition changes has the new one.
    """

    def __init__(self, name: str, target_port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.port = 0
        self._target_port = target_port
        self._loop = loop
        self._conditions = {"to_server": CLEAR, "to_client": CLEAR}
        self._refusing = False
        self._changed = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()

    def become(self, to_server: Condition = CLEAR, to_client: Condition = CLEAR) -> None:
        """Treat what goes over it like this from now on."""
        self._do(lambda: self._become(to_server, to_client))

    def mend(self) -> None:
        """Let everything pass again, what was kept first."""
        self.become()

    def cut(self, *, refuse: bool = False) -> None:
        """Reset all connections; with `refuse` new ones too, until it is mended."""
        self._do(lambda: self._cut(refuse=refuse))

    def lead_to(self, port: int) -> None:
        """Lead new connections to another port, and end those that there are."""

        def turn() -> None:
            self._target_port = port
            self._cut(refuse=False)

        self._do(turn)

    def _do(self, action: Callable[[], None]) -> None:
        done = threading.Event()

        def act() -> None:
            action()
            done.set()

        self._loop.call_soon_threadsafe(act)
        if not done.wait(10):
            raise TimeoutError(f"the wire {self.name} does not listen to its master")

    def _become(self, to_server: Condition, to_client: Condition) -> None:
        self._conditions = {"to_server": to_server, "to_client": to_client}
        self._refusing = False
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _cut(self, *, refuse: bool) -> None:
        self._refusing = refuse
        for writer in list(self._open):
            _reset(writer)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        if self._refusing:
            _reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(
                self._carry("to_server", reader, far_writer),
                self._carry("to_client", far_reader, writer),
            )
        finally:
            self._open -= {writer, far_writer}
            for end in (writer, far_writer):
                end.close()

    async def _carry(
        self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(*_ENDED):
            while data := await reader.read(_CHUNK):
                await self._pass_on(direction, data, writer)
        # Who hung up on one side is gone on the other, too.
        with suppress(*_ENDED):
            writer.write_eof()

    async def _pass_on(self, direction: str, data: bytes, writer: asyncio.StreamWriter) -> None:
        while data:
            condition = self._conditions[direction]
            if condition.silent:
                await self._changed.wait()
                continue
            if condition.latency:
                await self._pause(condition.latency)
            size = _TRICKLE_BYTES if condition.bytes_per_second else len(data)
            writer.write(data[:size])
            await writer.drain()
            data = data[size:]
            if condition.bytes_per_second:
                await self._pause(size / condition.bytes_per_second)

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until the condition changes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection without a word of farewell."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


class Wires:
    """All wires of a run, in one thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wires", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._by_name: dict[str, Wire] = {}
        self._thread.start()

    def __getitem__(self, name: str) -> Wire:
        return self._by_name[name]

    def lay(self, name: str, target_port: int) -> Wire:
        """A wire to a port of this machine; the same one when it was laid before."""
        if name not in self._by_name:
            wire = Wire(name, target_port, self._loop)
            server = self._run(asyncio.start_server(wire.accept, "127.0.0.1", 0))
            wire.port = server.sockets[0].getsockname()[1]
            self._servers.append(server)
            self._by_name[name] = wire
        return self._by_name[name]

    def mend(self) -> None:
        """Let everything pass again."""
        for wire in self._by_name.values():
            wire.mend()

    def close(self) -> None:
        """End all connections and the thread."""
        for wire in self._by_name.values():
            wire.cut(refuse=True)
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


@contextmanager
def laid_wires() -> Iterator[Wires]:
    """Wires for the length of a block."""
    wires = Wires()
    try:
        yield wires
    finally:
        wires.close()
