"""One portal for all tests here, one gateway for most, and for each service one made for the trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Protocol

import pytest

from rapport_local.services import SERVICES

from .stack import Gateway, running_gateway, running_portal
from .upstream import Upstream
from .waiting import wait_for

ORIGIN = "https://app.example.com"


class StartGateway(Protocol):
    """Starts a gateway with settings of its own; it stops after the test."""

    def __call__(self, scheme: str = "http", **settings: str) -> Gateway: ...


@pytest.fixture(scope="session")
def all_services() -> Iterator[Mapping[str, Upstream]]:
    """The services, for as long as the tests run."""
    services = {
        service.name: Upstream(
            document={
                "openapi": "3.1.0",
                "info": {"title": service.name, "version": "1"},
                "paths": {f"/v1/{service.name}/probe": {"get": {"responses": {}}}},
            }
        )
        for service in SERVICES
    }
    for one in services.values():
        one.start()
    yield services
    for one in services.values():
        one.let_go.set()
        one.stop()


@pytest.fixture
def services(all_services: Mapping[str, Upstream]) -> Mapping[str, Upstream]:
    """The services, with nothing heard yet."""
    for one in all_services.values():
        one.heard.clear()
        one.let_go.clear()
    return all_services


@pytest.fixture
def contacts(services: Mapping[str, Upstream]) -> Upstream:
    """The service that most tests talk to."""
    return services["contacts"]


@pytest.fixture(scope="session")
def portal_url(
    all_services: Mapping[str, Upstream], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The portal's inner address."""
    with running_portal(all_services, tmp_path_factory.mktemp("portal")) as url:
        yield url


@pytest.fixture(scope="session")
def shared_gateway(
    all_services: Mapping[str, Upstream],
    portal_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gateway]:
    """A gateway that several tests share; none may leave a service in a bad state."""
    folder = tmp_path_factory.mktemp("gateway")
    settings = {"RAPPORT_GATEWAY_CORS_ORIGINS": f"https://other.example, {ORIGIN}"}
    with running_gateway(all_services, portal_url, folder, **settings) as gateway:
        yield gateway


@pytest.fixture
def gateway(services: Mapping[str, Upstream], shared_gateway: Gateway) -> Gateway:
    """The shared gateway, with services that are in use and have heard nothing yet."""
    for name, one in services.items():
        # A success, so that the failures that one test brings about do not count in the next.
        wait_for(partial(_works, shared_gateway, f"/v1/{name}/probe"), f"{name} to be in use")
        one.heard.clear()
    return shared_gateway


@pytest.fixture
def start_gateway(
    services: Mapping[str, Upstream], portal_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartGateway]:
    """Starts gateways for one test."""
    with ExitStack() as running:

        def start(scheme: str = "http", **settings: str) -> Gateway:
            folder = tmp_path_factory.mktemp("gateway")
            return running.enter_context(
                running_gateway(services, portal_url, folder, scheme, **settings)
            )

        yield start


def _works(gateway: Gateway, path: str) -> bool:
    return gateway.client.get(path).status_code == 200
