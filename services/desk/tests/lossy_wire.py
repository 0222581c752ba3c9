"""A wire to the database on which the answer to a commit gets lost: nobody here knows that it was done."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

_COMMITTED = b"COMMIT\x00"
"""How PostgreSQL tells that a transaction is committed."""


class LossyWire:
    """Passes on what is said between the service and its database."""

    def __init__(self, address: str) -> None:
        self._database = sa.engine.make_url(address)
        self._lost: bytes | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """The database's address by this wire."""
        host, port = self._listening.getsockname()
        through = self._database.set(host=host, port=port)
        return through.render_as_string(hide_password=False)

    def lose_commit_after(self, statement: str) -> None:
        """Have the wire break once a transaction with that in it is committed, and nobody hears of it."""
        self._lost = statement.encode()

    @property
    def has_lost_it(self) -> bool:
        """Whether that has happened."""
        return self._lost is None

    def close(self) -> None:
        """Take no new connection."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(
                    (str(self._database.host), int(self._database.port or 5432))
                )
                awaited = threading.Event()
                for passing in (self._ask, self._answer):
                    threading.Thread(target=passing, args=(near, far, awaited), daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket, awaited: threading.Event) -> None:
        with suppress(OSError):
            while said := near.recv(65536):
                if self._lost is not None and self._lost in said:
                    awaited.set()
                far.sendall(said)
        _hang_up(near, far)

    def _answer(self, near: socket.socket, far: socket.socket, awaited: threading.Event) -> None:
        with suppress(OSError):
            while said := far.recv(65536):
                if awaited.is_set() and _COMMITTED in said:
                    self._lost = None
                    break
                near.sendall(said)
        _hang_up(near, far)


def _hang_up(*ends: socket.socket) -> None:
    """Both ends hear of it, also where somebody waits for one of them."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def lossy_wire(address: str) -> Iterator[LossyWire]:
    """A wire to a database, whole until it is told otherwise."""
    wire = LossyWire(address)
    try:
        yield wire
    finally:
        wire.close()
