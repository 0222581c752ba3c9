"""What is measured: a platform of its own with a tenant and an app, and the yardstick beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chassis.embedded.processes import free_port, wait_until
from deploy.demo.external_app import ExternalApp
from deploy.demo.oauth import ClientCredentials, Credentials
from deploy.demo.tenant import Tenant, administrator, new_tenant, operator_token, register_app
from rapport_local import running_platform
from rapport_local.platform import Platform
from tests.performance.yardstick import prepare

_YARDSTICK = Path(__file__).with_name("yardstick.py")


@dataclass
class Subject:
    """Everything that a row may need."""

    platform: Platform
    tenant: Tenant
    credentials: Credentials
    tokens: ClientCredentials
    yardstick_url: str
    people: int
    """How many people the growth rows go up to."""
    memory: dict[str, float] = field(default_factory=dict)
    """What parts took, in MiB, when it was first measured."""

    @property
    def gateway(self) -> str:
        """Where the platform is called."""
        return self.platform.gateway_url

    @property
    def people_url(self) -> str:
        """The list of people, through the gateway."""
        return f"{self.gateway}/v1/contacts/people"

    @property
    def app(self) -> ExternalApp:
        """The app, as a well-behaved client."""
        return ExternalApp(self.gateway, self.tokens)

    def headers(self) -> dict[str, str]:
        """What a request of the app carries."""
        return {"Authorization": f"Bearer {self.tokens.token()}"}


@contextmanager
def measured_platform(folder: Path, people: int) -> Iterator[Subject]:
    """Start a platform and the yardstick, make a tenant and an app; all of it ends afterwards.

    One app may call as often as it likes: the limit is counted, but never reached.
    """
    os.environ["RAPPORT_RATE_LIMIT_PER_CLIENT"] = "1000000000"
    with running_platform(folder) as platform:
        gateway = platform.gateway_url
        tenant = new_tenant(gateway, operator_token(platform.state.root), "Measured")
        scopes = ["contacts.*", "desk.*", "loyalty.*", "notifications.*", "sales.*"]
        credentials = register_app(administrator(gateway, tenant), "Bench", scopes)
        tokens = ClientCredentials(gateway, credentials)
        with _yardstick(platform, tenant) as url:
            yield Subject(platform, tenant, credentials, tokens, url, people)


@contextmanager
def _yardstick(platform: Platform, tenant: Tenant) -> Iterator[str]:
    """The bare application, on the same database server."""
    dsn, port = platform.postgres.admin_dsn("contacts"), free_port()
    prepare(dsn)
    environment = {
        **os.environ,
        "YARDSTICK_DSN": dsn,
        "YARDSTICK_TENANT": tenant.id,
        "YARDSTICK_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, str(_YARDSTICK)], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        if not wait_until(lambda: _answers(f"{url}/people"), 20):
            raise RuntimeError("the yardstick did not start")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False
