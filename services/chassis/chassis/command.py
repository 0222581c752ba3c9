"""The command line that every service has: serve, migrate, provision."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from chassis.events.provision import provision
from chassis.service import Description, Service
from chassis.settings import ServiceSettings, WrongSettings, load_settings
from chassis.storage.migrate import migrate
from chassis.telemetry.export import start_tracing, stop_tracing
from chassis.telemetry.logs import configure_logging

ROLES = ("api", "worker")
S = TypeVar("S", bound=ServiceSettings)


def service_command(
    description: Description, settings: type[S], build: Callable[[S], Service[Any]]
) -> click.Group:
    """The group of commands for `python -m <service>`; a service may add its own."""

    @click.group(help=f"Rapport {description.name}: {description.summary}")
    def group() -> None:
        pass

    @group.command("serve")
    @click.option("--roles", default="api,worker", help="api, worker or both, comma-separated.")
    def serve(roles: str) -> None:
        """Answer requests and work until told to stop."""
        chosen = tuple(roles.split(","))
        wrong = [role for role in chosen if role not in ROLES]
        if wrong:
            raise click.UsageError(f"unknown role {wrong[0]!r}: one of {', '.join(ROLES)}")
        _serve(description, _settings(settings), build, chosen)

    @group.command("migrate")
    @click.option("--revision", default="head")
    def migrate_command(revision: str) -> None:
        """Bring the database to the newest structure, as its owner login."""
        migrate(_variable("RAPPORT_DATABASE_OWNER_URL"), description.migrations, revision)
        click.echo(f"{description.name}: database is at {revision}")

    @group.command("provision")
    def provision_command() -> None:
        """Create or update the streams and consumers that this service needs."""
        asyncio.run(
            provision(
                _variable("RAPPORT_NATS_URL"),
                _variable("RAPPORT_PROVISIONER_USER"),
                _variable("RAPPORT_PROVISIONER_PASSWORD"),
                service=description.name,
                consumes=description.consumes,
            )
        )
        click.echo(f"{description.name}: streams and consumers are provisioned")

    return group


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise click.ClickException(f"{name} is not set")
    return value


def _settings(kind: type[S]) -> S:
    try:
        return load_settings(kind)
    except WrongSettings as error:
        raise click.ClickException(f"wrong settings\n{error}") from None


@dataclass(frozen=True)
class _Loader:
    """Builds and starts the service inside Granian's worker process; picklable for `spawn`."""

    description: Description
    settings: ServiceSettings
    build: Callable[[Any], Service[Any]]
    roles: tuple[str, ...]

    def __call__(self) -> Flask:
        configure_logging(self.description.name, self.settings.log_level)
        start_tracing(self.description.name, self.settings)
        service = self.build(self.settings)
        app = service.start(self.roles)
        # Granian ends its workers without atexit hooks; finalizers do run.
        multiprocessing.util.Finalize(None, _finish, args=(service,), exitpriority=100)
        return app


def _serve(
    description: Description,
    settings: S,
    build: Callable[[S], Service[Any]],
    roles: tuple[str, ...],
) -> None:
    """Run Granian with one worker process; the service lives in that worker."""
    configure_logging(description.name, settings.log_level)
    server = Server(
        target=description.name,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.http_threads,
        log_access=False,
        workers_kill_timeout=int(settings.drain_seconds) + 5,
        respawn_failed_workers=True,
    )
    server.serve(
        target_loader=_Loader(description, settings, build, roles),
        wrap_loader=False,
    )


def _finish(service: Service[Any]) -> None:
    try:
        service.stop()
    finally:
        stop_tracing()
        logging.shutdown()
