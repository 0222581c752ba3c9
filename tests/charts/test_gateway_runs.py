"""A real Traefik with exactly the files and variables of the rendered chart, mounted as a kubelet mounts them."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis.embedded.processes import free_port, wait_until

from .kubelet import mount
from .rendering import Charts, Rendered
from .test_gateway_chart import configuration, environment, pod

HOST = "crm.example"
SECONDS = 30
AT_ONCE: dict[str, Any] = {"settings": {"drain_delay": "0s"}}
"""Nobody sends requests to a gateway that has ended."""


class _Service(BaseHTTPRequestHandler):
    """Any service, and the portal: says which path it was asked for."""

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The address of what stands for all services."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, as the two files of a secret."""

    number: int
    files: dict[str, bytes]


def certificate() -> Certificate:
    """A new one for the gateway's host."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    return Certificate(made.serial_number, {"tls.crt": public, "tls.key": private})


@dataclass(frozen=True)
class Running:
    """Traefik as it runs in the pod, but for addresses and ports."""

    port: int
    ping: str
    log: Path
    mount_routes: Callable[[dict[str, bytes]], None]

    def shows(self, certificate: Certificate) -> bool:
        """Whether a caller is shown this certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain,
                context.wrap_socket(plain, server_hostname=HOST) as wrapped,
            ):
                shown = wrapped.getpeercert(binary_form=True)
        except OSError:
            return False
        number = x509.load_der_x509_certificate(shown).serial_number if shown else None
        return number == certificate.number


@contextmanager
def running(
    rendered: Rendered, service: str, folder: Path, secret: dict[str, bytes]
) -> Iterator[Running]:
    """Start Traefik with what the chart made; every address of a service leads to `service`."""
    port, ping = free_port(), free_port()
    routes = folder / "routes"
    held = configuration(rendered)
    place = _Places(port, ping, routes)
    static = folder / "traefik.yml"
    static.write_text(place.put(held["traefik.yml"]))
    variables = {
        name: service if name.endswith("_HTTP") else place.put(value)
        for name, value in environment(rendered).items()
    }

    def mount_routes(keys: dict[str, bytes]) -> None:
        mount(routes, projected(rendered, keys))

    mount_routes(secret)
    traefik = shutil.which("traefik", path=str(Path(sys.executable).parent))
    assert traefik, "traefik is not installed beside this Python"
    log = folder / "traefik.log"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT_", "TRAEFIK_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [traefik, f"--configFile={static}"],
            env=inherited | variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Running(port, f"http://127.0.0.1:{ping}/ping", log, mount_routes)
        finally:
            process.terminate()
            process.wait(timeout=60)


@dataclass(frozen=True)
class _Places:
    """What is different here from the pod: a port of this machine's loopback, and where the files are."""

    port: int
    ping: int
    routes: Path

    def put(self, text: str) -> str:
        for there, here in (
            ('":8080"', f'"127.0.0.1:{self.port}"'),
            ('":8443"', f'"127.0.0.1:{self.port}"'),
            ('":18080"', f'"127.0.0.1:{self.ping}"'),
            ("/etc/gateway/routes", str(self.routes)),
        ):
            text = text.replace(there, here)
        return text


def projected(rendered: Rendered, secret: dict[str, bytes]) -> dict[str, bytes]:
    """The files of the volume `routes`, by their paths in it, as its sources name them."""
    volumes: list[dict[str, Any]] = pod(rendered)["volumes"]
    (volume,) = (one for one in volumes if one["name"] == "routes")
    held = {name: text.encode() for name, text in configuration(rendered).items()}
    files = {}
    for source in volume["projected"]["sources"]:
        content = held if "configMap" in source else secret
        for item in (source.get("configMap") or source["secret"])["items"]:
            files[item["path"]] = content[item["key"]]
    return files


def test_requests_reach_the_services(charts: Charts, service: str, tmp_path: Path) -> None:
    rendered = charts.render("gateway", AT_ONCE)
    with running(rendered, service, tmp_path, {}) as gateway, httpx.Client(trust_env=False) as web:

        def answers(path: str) -> bool:
            try:
                return web.get(f"http://127.0.0.1:{gateway.port}{path}").text == path
            except httpx.TransportError:
                return False

        for path in (
            "/v1/contacts/people",
            "/oauth/token",
            "/v1/notifications/inbox/stream",
            "/docs",
        ):
            assert wait_until(partial(answers, path), SECONDS), path
        assert web.get(gateway.ping).status_code == HTTPStatus.OK
    said = gateway.log.read_text()
    assert "already configured" not in said, "every route is read once"
    assert '"level":"error"' not in said


def test_a_renewed_certificate_counts_at_once_and_every_time(
    charts: Charts, service: str, tmp_path: Path
) -> None:
    rendered = charts.render("gateway", {"tls": {"secretName": "certificate"}, **AT_ONCE})
    first = certificate()
    with running(rendered, service, tmp_path, first.files) as gateway:
        assert wait_until(partial(gateway.shows, first), SECONDS)
        for _ in range(2):
            renewed = certificate()
            gateway.mount_routes(renewed.files)
            assert wait_until(partial(gateway.shows, renewed), SECONDS)
