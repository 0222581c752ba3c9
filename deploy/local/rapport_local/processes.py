"""The parts that are processes of ours: the services, the portal and the gateway."""

import sys
from pathlib import Path

from rapport_local.environment import Environments
from rapport_local.gateway import render_gateway
from rapport_local.parts import ProcessPart, find_program
from rapport_local.services import ServiceDefinition
from rapport_local.state import StateFolder


def service_part(
    service: ServiceDefinition, environments: Environments, state: StateFolder
) -> ProcessPart:
    """A service, but for the roles that have processes of their own."""
    url = environments.http_url(service.name)
    return ProcessPart(
        name=service.name,
        address=url,
        command=[sys.executable, "-m", service.module, "serve", "--roles", "api,worker"],
        environment=environments.serving(service),
        state=state,
        ready_urls=[f"{url}/readyz"],
    )


def stream_part(
    service: ServiceDefinition, environments: Environments, state: StateFolder
) -> ProcessPart:
    """The process of a service that keeps streams of events open."""
    url = environments.stream_url(service.name)
    return ProcessPart(
        name=service.stream_part,
        address=url,
        command=[sys.executable, "-m", service.module, "serve", "--roles", "stream"],
        environment=environments.streaming(service),
        state=state,
        ready_urls=[f"{url}/readyz"],
    )


def jobs_part(
    service: ServiceDefinition, environments: Environments, state: StateFolder
) -> ProcessPart:
    """The process of a service that computes for minutes, so that what others wait for need not."""
    url = environments.jobs_url(service.name)
    return ProcessPart(
        name=service.jobs_part,
        address=url,
        command=[sys.executable, "-m", service.module, "serve", "--roles", "jobs"],
        environment=environments.doing_jobs(service),
        state=state,
        ready_urls=[f"{url}/readyz"],
    )


def portal_part(module: str, environments: Environments, state: StateFolder) -> ProcessPart:
    """The portal with the merged OpenAPI document."""
    url = f"http://127.0.0.1:{environments.ports.portal}"
    return ProcessPart(
        name="portal",
        address=url,
        command=[sys.executable, "-m", module],
        environment=environments.portal(),
        state=state,
        ready_urls=[f"{url}/readyz"],
    )


def mail_part(environments: Environments, state: StateFolder) -> ProcessPart:
    """The mail server that delivers nothing; the portal shows what it has taken."""
    return ProcessPart(
        name="mail",
        address=environments.mail_url,
        command=[sys.executable, "-m", "rapport_local.mail_server"],
        environment=environments.mail(),
        state=state,
        ready_port=environments.ports.mail,
    )


def gateway_part(
    program: str, source: Path, environments: Environments, state: StateFolder
) -> ProcessPart:
    """Traefik, ready when it has read its routes and gets through to the portal."""
    configuration = state.gateway / "traefik.yml"
    # What runs can be stopped without the program; `up` makes sure of it before it starts anything.
    program = find_program(program) or program
    metrics = f"http://127.0.0.1:{environments.ports.gateway_metrics}"
    return ProcessPart(
        name="gateway",
        address=environments.public_url,
        command=[program, f"--configFile={configuration}"],
        environment=environments.gateway(source / "routes"),
        state=state,
        ready_urls=[f"{metrics}/ping", f"{environments.public_url}/openapi.json"],
        working_directory=state.gateway,
    )


def write_gateway_configuration(
    source: Path, environments: Environments, state: StateFolder
) -> None:
    """The gateway's own files with this platform's values; the routes are read where they are."""
    render_gateway(source, state.gateway / "traefik.yml", environments.gateway(source / "routes"))
