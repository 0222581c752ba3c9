"""A real Traefik with the project's own configuration, and a real portal, on free ports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from chassis.embedded.processes import free_port
from rapport_local.gateway import render_gateway

from .upstream import Upstream
from .waiting import wait_for

GATEWAY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    url: str
    metrics_url: str
    client: httpx.Client
    access_log: Path

    def log_lines(self) -> list[dict[str, object]]:
        """The access log so far."""
        return [json.loads(line) for line in self.access_log.read_text().splitlines()]

    def logged(self, path: str) -> dict[str, object]:
        """The line of the access log for this path, once it is there."""
        (line, *_) = wait_for(
            lambda: [line for line in self.log_lines() if line.get("RequestPath") == path],
            f"a line for {path} in the access log",
        )
        return line


@contextmanager
def running_portal(services: Mapping[str, Upstream], folder: Path) -> Iterator[str]:
    """The portal as a process of its own; gives its address once it is ready."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "RAPPORT_HTTP_PORT": str(port),
        "RAPPORT_PUBLIC_URL": "http://gateway.example",
        "RAPPORT_SERVICES": ",".join(f"{name}={one.url}" for name, one in services.items()),
    }
    command = [sys.executable, "-m", "portal"]
    with _process(command, environment, folder / "portal.log") as process:
        with httpx.Client(trust_env=False) as client:
            wait_for(lambda: _answers(client, f"{url}/readyz", process), "the portal to be ready")
        yield url


@contextmanager
def running_gateway(
    services: Mapping[str, Upstream],
    portal_url: str,
    folder: Path,
    scheme: str = "http",
    **settings: str,
) -> Iterator[Gateway]:
    """Traefik with `settings` added to its environment; gives it once it routes."""
    port, metrics_port = free_port(), free_port()
    environment = {
        **{f"RAPPORT_{name.upper()}_HTTP": one.url for name, one in services.items()},
        "RAPPORT_PORTAL_HTTP": portal_url,
        "RAPPORT_GATEWAY_PORT": str(port),
        "RAPPORT_GATEWAY_METRICS_PORT": str(metrics_port),
        "RAPPORT_GATEWAY_ACCESS_LOG": str(folder / "access.log"),
        "RAPPORT_ROUTES_DIR": str(GATEWAY / "routes"),
        **settings,
    }
    render_gateway(GATEWAY, folder / "traefik.yml", environment)
    traefik = shutil.which("traefik", path=str(Path(sys.executable).parent))
    assert traefik, "traefik is not installed beside this Python"
    command = [traefik, f"--configFile={folder / 'traefik.yml'}"]
    url = f"{scheme}://127.0.0.1:{port}"
    with (
        _process(command, environment, folder / "traefik.log") as process,
        httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30) as client,  # noqa: S501 - a certificate made for this trial
    ):
        for name in ("portal", *services):
            address = "/openapi.json" if name == "portal" else f"/v1/{name}/probe"
            wait_for(partial(_answers, client, address, process), f"the gateway to route {name}")
        for one in services.values():
            one.heard.clear()
        yield Gateway(url, f"http://127.0.0.1:{metrics_port}", client, folder / "access.log")


@contextmanager
def _process(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT_", "TRAEFIK_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**inherited, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(client: httpx.Client, url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"the process ended with {process.returncode}; see its log"
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
