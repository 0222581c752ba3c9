"""The address of a database may ask for TLS, and for a server whose certificate somebody known has signed."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from chassis.storage.database import Database
from services.chassis.tests.outbound.certificate import certificate_of

_ASKS_FOR_TLS = struct.pack("!II", 8, 80877103)
_WELL_MET = b"SFATAL\0C28P01\0Mwell met\0\0"


@dataclass(frozen=True)
class Access:
    """What a database is told."""

    url: str
    database_pool_size: int = 1
    database_statement_timeout_ms: int = 1000

    @property
    def database_url(self) -> SecretStr:
        """The one address."""
        return SecretStr(self.url)

    database_system_url = database_url


@dataclass
class Greeter:
    """As much of PostgreSQL as is seen before anybody signs in; it turns away whoever gets so far."""

    certificate: Path
    key: Path
    beginnings: list[bytes] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        """Until the listener is closed."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, self.key)
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                self.beginnings.append(connection.recv(8))
                if self.beginnings[-1] == _ASKS_FOR_TLS:
                    self._turn_away(connection, tls)

    def _turn_away(self, connection: socket.socket, tls: ssl.SSLContext) -> None:
        connection.sendall(b"S")
        try:
            with tls.wrap_socket(connection, server_side=True) as private:
                private.recv(4096)
                private.sendall(b"E" + struct.pack("!I", len(_WELL_MET) + 4) + _WELL_MET)
        except OSError:
            """Whoever called does not like the certificate."""


@pytest.fixture
def greeter(tmp_path: Path) -> Greeter:
    """With a certificate of its own."""
    made = certificate_of("localhost", tmp_path)
    return Greeter(made.chain, made.key)


@pytest.fixture
def port(greeter: Greeter) -> Iterator[int]:
    """Where it listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=greeter.serve, args=(listener,))
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def refusal(port: int, authority: Path) -> str:
    """What comes of connecting with this authority's certificate."""
    asked = f"sslmode=verify-full&sslrootcert={authority}&hostaddr=127.0.0.1"
    url = f"postgresql://shop:secret@localhost:{port}/shop?{asked}"
    with (
        closing(Database(Access(url), "shop")) as database,
        pytest.raises(sa.exc.OperationalError) as refused,
        database.runtime.connect(),
    ):
        pass
    return str(refused.value)


def test_a_server_whose_certificate_is_vouched_for_is_talked_to_by_tls(
    greeter: Greeter, port: int
) -> None:
    assert "well met" in refusal(port, greeter.certificate)
    assert set(greeter.beginnings) == {_ASKS_FOR_TLS}


def test_a_server_that_nobody_vouches_for_is_told_nothing(
    greeter: Greeter, port: int, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert "certificate verify failed" in refusal(port, certificate_of("localhost", other).chain)
    assert set(greeter.beginnings) == {_ASKS_FOR_TLS}
