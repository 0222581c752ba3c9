"""Wires carry bytes as they are, and fail in the ways that they are told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.reliability.wires import SILENT, Condition, Wire, Wires, laid_wires


class Echo:
    """A server that sends back what it gets."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Take no further connection."""
        self._listening.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    @staticmethod
    def _answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while data := connection.recv(65536):
                connection.sendall(data)


@pytest.fixture
def wires() -> Iterator[Wires]:
    with laid_wires() as laid:
        yield laid


@pytest.fixture
def wire(wires: Wires) -> Iterator[Wire]:
    """A wire to an echo."""
    echo = Echo()
    yield wires.lay("echo", echo.port)
    echo.close()


@pytest.fixture
def line(wire: Wire) -> Iterator[socket.socket]:
    """A connection over it."""
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as connection:
        assert echoed(connection, b"hello") == b"hello"
        yield connection


def echoed(connection: socket.socket, data: bytes) -> bytes:
    """What comes back for it."""
    connection.sendall(data)
    return received(connection, len(data))


def received(connection: socket.socket, size: int) -> bytes:
    """So many bytes."""
    data = b""
    while len(data) < size:
        portion = connection.recv(size - len(data))
        assert portion, "the connection has ended"
        data += portion
    return data


def test_bytes_arrive_as_they_were_sent(line: socket.socket) -> None:
    data = bytes(range(256)) * 4000
    sender = threading.Thread(target=line.sendall, args=(data,))
    sender.start()
    assert received(line, len(data)) == data
    sender.join(10)


def test_a_wire_is_laid_once(wires: Wires, wire: Wire) -> None:
    assert wires.lay("echo", 1) is wire
    assert wires["echo"] is wire


def test_what_a_silent_wire_has_kept_arrives_in_its_order_when_it_is_mended(
    wire: Wire, line: socket.socket
) -> None:
    wire.become(to_client=SILENT)
    line.sendall(b"one ")
    line.settimeout(0.3)
    with pytest.raises(TimeoutError):
        line.recv(1)
    line.sendall(b"two")
    wire.mend()
    line.settimeout(10)
    assert received(line, 7) == b"one two"


def test_a_slow_wire_takes_its_time_each_way(wire: Wire, line: socket.socket) -> None:
    wire.become(Condition(latency=0.1), Condition(latency=0.1))
    began = time.monotonic()
    assert echoed(line, b"late") == b"late"
    assert time.monotonic() - began >= 0.2


def test_a_trickling_wire_lets_through_a_few_bytes_at_a_time(
    wire: Wire, line: socket.socket
) -> None:
    wire.become(to_client=Condition(bytes_per_second=1280))
    began = time.monotonic()
    assert echoed(line, b"x" * 512) == b"x" * 512
    assert time.monotonic() - began >= 0.2


def test_a_cut_resets_what_is_open_and_takes_new_connections(
    wire: Wire, line: socket.socket
) -> None:
    wire.cut()
    with pytest.raises(ConnectionResetError):
        received(line, 1)
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as another:
        assert echoed(another, b"again") == b"again"


def test_a_wire_that_refuses_resets_new_connections_until_it_is_mended(
    wires: Wires, wire: Wire
) -> None:
    wire.cut(refuse=True)
    with (
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", wire.port), timeout=10) as refused,
    ):
        received(refused, 1)
    wires.mend()
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as another:
        assert echoed(another, b"again") == b"again"


def test_who_hangs_up_is_gone_at_the_other_end_too(line: socket.socket) -> None:
    line.shutdown(socket.SHUT_WR)
    assert line.recv(1) == b""


def test_a_wire_to_nobody_resets_whoever_calls(wires: Wires) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    wire = wires.lay("nobody", port)
    with (
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", wire.port), timeout=10) as line,
    ):
        received(line, 1)
