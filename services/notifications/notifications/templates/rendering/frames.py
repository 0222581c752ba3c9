"""How the service and its rendering processes speak: JSON, with its length in front."""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

import orjson

_LENGTH = struct.Struct("!I")


class Broken(Exception):
    """The other side has gone, or says what is no frame."""


def send_frame(connection: socket.socket, content: Any, deadline: float | None = None) -> None:
    """Send. Raises TimeoutError past `deadline` (of `time.monotonic`), `Broken`."""
    data = orjson.dumps(content)
    _bound(connection, deadline)
    try:
        connection.sendall(_LENGTH.pack(len(data)) + data)
    except TimeoutError:
        raise
    except OSError as error:
        raise Broken(str(error)) from None


def receive_frame(connection: socket.socket, longest: int, deadline: float | None = None) -> Any:
    """What comes next. Raises TimeoutError, `Broken` at the end and for more than `longest` bytes."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, deadline))
    if length > longest:
        raise Broken(f"a frame of {length} bytes, {longest} at most")
    try:
        return orjson.loads(_exactly(connection, length, deadline))
    except orjson.JSONDecodeError as error:
        raise Broken(str(error)) from None


def _exactly(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        _bound(connection, deadline)
        try:
            chunk = connection.recv(min(length - len(received), 1 << 16))
        except TimeoutError:
            raise
        except OSError as error:
            raise Broken(str(error)) from None
        if not chunk:
            raise Broken("it has ended")
        received += chunk
    return bytes(received)


def _bound(connection: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        connection.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
