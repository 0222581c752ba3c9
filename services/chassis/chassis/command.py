"""The command line that every service has: serve, prepare, migrate, provision, and what a cluster runs."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

import click

from chassis.cluster_commands import (
    await_prepared_command,
    create_database_command,
    patience,
    variable,
)
from chassis.description import Description
from chassis.waiting import still_missing

ROLES = ("api", "worker", "jobs", "stream")


def service_command(description: Description, own: Mapping[str, str] | None = None) -> click.Group:
    """The group of commands for `python -m <service>`.

    `own` names further commands: `{"tenants": "identity.commands:tenant_commands"}`. Such a
    function is given the service's `build` and makes the command.

    Each command imports what it needs when it runs: a service takes seconds to import, and
    preparing its database and its streams needs a tenth of it.
    """
    group = _Commands(description, own or {})
    for command in (
        _serve,
        _prepare,
        _migrate,
        _provision,
        create_database_command,
        await_prepared_command,
    ):
        group.add_command(command(description))
    return group


class _Commands(click.Group):
    """The commands of the chassis, and those of a service, which are imported when one is named."""

    def __init__(self, description: Description, own: Mapping[str, str]) -> None:
        super().__init__(
            description.package, help=f"Rapport {description.name}: {description.summary}"
        )
        self._package = description.package
        self._own = own

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self._own])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._own.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, function = place.partition(":")
        make = getattr(import_module(module), function)
        command: click.Command = make(import_module(f"{self._package}.app").build)
        return command


def _serve(description: Description) -> click.Command:
    @click.command("serve")
    @click.option(
        "--roles",
        default="api,worker,jobs",
        show_default=True,
        help="Any of api, worker and jobs, comma-separated; or stream.",
    )
    def serve(roles: str) -> None:
        """Answer requests and work until told to stop."""
        chosen = tuple(roles.split(","))
        wrong = [role for role in chosen if role not in ROLES]
        if wrong:
            raise click.UsageError(f"unknown role {wrong[0]!r}: one of {', '.join(ROLES)}")
        if "stream" in chosen and len(chosen) > 1:
            raise click.UsageError("the role stream needs a process of its own")
        # Flask, Granian and the exporters: only what serves needs them.
        from chassis.settings import WrongSettings  # noqa: PLC0415

        try:
            if "stream" in chosen:
                from chassis.streams.serving import serve_streams  # noqa: PLC0415

                serve_streams(description)
            else:
                from chassis.serving import serve as serve_forever  # noqa: PLC0415

                serve_forever(description, chosen)
        except WrongSettings as error:
            raise click.ClickException(f"wrong settings\n{error}") from None

    return serve


def _prepare(description: Description) -> click.Command:
    @click.command("prepare")
    @patience
    def prepare(seconds: float) -> None:
        """Migrate and provision, in one process: all that a version needs before it serves."""
        owner_url, broker = _owner_url(), _Provisioner.read()
        _await_servers(owner_url, broker, seconds)
        _bring_database(description, owner_url, "head")
        broker.provision(description)

    return prepare


def _migrate(description: Description) -> click.Command:
    @click.command("migrate")
    @click.option("--revision", default="head", show_default=True)
    def migrate(revision: str) -> None:
        """Bring the database to the newest structure, as its owner login."""
        _bring_database(description, _owner_url(), revision)

    return migrate


def _provision(description: Description) -> click.Command:
    @click.command("provision")
    def provision() -> None:
        """Create or update the streams and consumers that this service needs."""
        _Provisioner.read().provision(description)

    return provision


def _await_servers(owner_url: str, broker: _Provisioner, seconds: float) -> None:
    """Wait for both before anything is done; what is not there after `seconds` is said by whoever needs it."""
    if not seconds:
        return
    from chassis.storage.prepared import unreachable  # noqa: PLC0415 - the driver takes its time

    end = time.monotonic() + seconds
    still_missing(lambda: unreachable(owner_url), seconds)
    still_missing(broker.unreachable, max(0.0, end - time.monotonic()))


def _bring_database(description: Description, owner_url: str, revision: str) -> None:
    # SQLAlchemy and Alembic take half a second.
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    from chassis.storage.migrate import NewerDatabase, migrate  # noqa: PLC0415

    try:
        migrate(owner_url, description.migrations, revision)
    except OperationalError as error:
        raise click.ClickException(f"the database was not migrated: {error.orig}") from None
    except NewerDatabase as newer:
        # After a roll-back: expanded tables serve the version before, so it must not be held up.
        click.echo(f"{description.name}: {newer}; it is left as it is")
        return
    click.echo(f"{description.name}: database is at {revision}")


@dataclass(frozen=True, slots=True)
class _Provisioner:
    """Who may make streams and consumers, and where."""

    url: str
    user: str
    password: str
    replicas: int
    """On how many servers each stream is kept."""

    @classmethod
    def read(cls) -> _Provisioner:
        """From the environment; raises `ClickException` that names what is not set or wrong."""
        return cls(
            variable("RAPPORT_NATS_URL"),
            variable("RAPPORT_PROVISIONER_USER"),
            variable("RAPPORT_PROVISIONER_PASSWORD"),
            _stream_replicas(),
        )

    def unreachable(self) -> str | None:
        """Why the broker cannot be used; None if it can."""
        from chassis.events.broker import BrokerLogin, BrokerUnreachable, connected  # noqa: PLC0415

        async def connect() -> None:
            async with connected(BrokerLogin(self.url, self.user, self.password), "prepare"):
                pass

        try:
            asyncio.run(connect())
        except BrokerUnreachable as error:
            return str(error)
        return None

    def provision(self, description: Description) -> None:
        """Bring the broker to what the service needs."""
        # The client of the broker takes a quarter of a second.
        from nats.errors import Error as NatsError  # noqa: PLC0415

        from chassis.events.broker import BrokerUnreachable  # noqa: PLC0415
        from chassis.events.provision import StreamLimits, provision  # noqa: PLC0415

        try:
            asyncio.run(
                provision(
                    self.url,
                    self.user,
                    self.password,
                    service=description.name,
                    consumes=description.consumes,
                    limits=StreamLimits(replicas=self.replicas),
                )
            )
        except BrokerUnreachable as error:
            raise click.ClickException(f"nothing was provisioned: {error}") from None
        except NatsError as error:
            raise click.ClickException(f"the broker refused: {error}") from None
        click.echo(f"{description.name}: streams and consumers are provisioned")


def _stream_replicas() -> int:
    given = os.environ.get("RAPPORT_STREAM_REPLICAS", "1")
    # JetStream keeps a stream on five servers at most.
    if given not in {"1", "2", "3", "4", "5"}:
        raise click.ClickException("RAPPORT_STREAM_REPLICAS is not a number from 1 to 5")
    return int(given)


def _owner_url() -> str:
    return variable("RAPPORT_DATABASE_OWNER_URL")
