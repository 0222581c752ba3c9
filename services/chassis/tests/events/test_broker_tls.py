"""Where the broker's address asks for TLS, nobody is told a password in plain text."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import orjson
import pytest

from chassis.events.broker import BrokerLogin, BrokerUnreachable, connected
from services.chassis.tests.outbound.certificate import Certificate, certificate_of


class Greeter:
    """As much of a broker as is seen by whoever signs in, and lets nobody in."""

    def __init__(self, certificate: Certificate | None) -> None:
        self._certificate = certificate
        self.heard = b""

    async def met(self, scheme: str) -> str:
        """What becomes of connecting to it by such an address."""
        server = await asyncio.start_server(self._greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        login = BrokerLogin(f"{scheme}://localhost:{port}", "shop", "very secret")
        async with server:
            with pytest.raises(BrokerUnreachable) as refused:
                async with connected(login, "test"):
                    raise AssertionError("it lets nobody in")
        return str(refused.value)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        private = self._certificate is not None
        about = {"server_id": "greeter", "max_payload": 1000, "tls_required": private}
        writer.write(b"INFO " + orjson.dumps(about) + b"\r\n")
        try:
            if self._certificate is not None:
                tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                tls.load_cert_chain(self._certificate.chain, self._certificate.key)
                await writer.start_tls(tls)
            self.heard = await reader.read(4096)
            writer.write(b"-ERR 'Well met'\r\n")
            await writer.drain()
        except OSError:
            """Whoever called does not like the certificate."""
        finally:
            writer.close()


def test_a_broker_that_asks_for_no_tls_is_told_nothing() -> None:
    greeter = Greeter(None)
    assert "does not ask for TLS" in asyncio.run(greeter.met("tls"))
    assert greeter.heard == b""


def test_without_tls_in_its_address_a_broker_is_signed_in_at_as_before() -> None:
    greeter = Greeter(None)
    assert "Well met" in asyncio.run(greeter.met("nats"))
    assert b"very secret" in greeter.heard


@pytest.mark.parametrize("scheme", ["tls", "nats"])
def test_a_broker_that_nobody_vouches_for_is_told_nothing(tmp_path: Path, scheme: str) -> None:
    greeter = Greeter(certificate_of("localhost", tmp_path))
    assert "certificate verify failed" in asyncio.run(greeter.met(scheme))
    assert greeter.heard == b""


def test_one_whom_the_system_trusts_is_signed_in_at_by_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    greeter = Greeter(made := certificate_of("localhost", tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(made.chain))
    assert "Well met" in asyncio.run(greeter.met("tls"))
    assert b"very secret" in greeter.heard
