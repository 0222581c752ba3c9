"""What a cluster runs beside `serve` and `prepare`: making the database, and waiting until it is prepared."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import click

from chassis.description import Description
from chassis.waiting import still_missing

_ADMIN = "RAPPORT_DATABASE_ADMIN_URL"
_OWNER = "RAPPORT_DATABASE_OWNER_URL"
_RUNTIME = "RAPPORT_DATABASE_URL"
_SYSTEM = "RAPPORT_DATABASE_SYSTEM_URL"

patience = click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="How long to wait for servers that do not answer yet.",
)


def variable(name: str) -> str:
    """The value of a variable; raises `ClickException` that names it when it is not set."""
    value = os.environ.get(name)
    if not value:
        raise click.ClickException(f"{name} is not set")
    return value


def create_database_command(description: Description) -> click.Command:
    """`create-database`."""

    @click.command("create-database")
    @patience
    def create_database(seconds: float) -> None:
        """Create the database and its three logins, or set them right, as an administrator.

        Their names and passwords are those of the addresses with which they are used later.
        """
        admin = variable(_ADMIN)
        logins = _Logins.read(description)
        # The driver takes a tenth of a second.
        import psycopg  # noqa: PLC0415

        from chassis.embedded.databases import (  # noqa: PLC0415
            ServicePasswords,
            provision_service_database,
        )
        from chassis.storage.prepared import unreachable  # noqa: PLC0415

        missing = still_missing(lambda: unreachable(admin), seconds)
        if missing:
            raise click.ClickException(f"the database was not created: {missing}")
        passwords = ServicePasswords(logins.owner, logins.runtime, logins.system)
        try:
            provision_service_database(
                admin, description.package, passwords, database=logins.database
            )
        except psycopg.Error as error:
            raise click.ClickException(f"the database was not created: {error}") from None
        click.echo(f"{description.name}: the database {logins.database} and its logins are there")

    return create_database


def await_prepared_command(description: Description) -> click.Command:
    """`await-prepared`."""

    @click.command("await-prepared")
    @patience
    def await_prepared(seconds: float) -> None:
        """End well once the tables of this version, or of a newer one, are there."""
        url = variable(_RUNTIME)
        # Alembic takes half a second.
        from chassis.storage.prepared import unprepared  # noqa: PLC0415

        missing = still_missing(lambda: unprepared(url, description.migrations), seconds)
        if missing:
            raise click.ClickException(f"not prepared after {seconds:g} s: {missing}")
        click.echo(f"{description.name}: the database is prepared")

    return await_prepared


@dataclass(frozen=True, slots=True)
class _Logins:
    """The database that all three addresses name, and the password in each."""

    database: str
    owner: str
    runtime: str
    system: str

    @classmethod
    def read(cls, description: Description) -> _Logins:
        """From the environment; raises `ClickException` that names what is not set or wrong."""
        names = {_OWNER: "owner", _RUNTIME: "runtime", _SYSTEM: "system"}
        databases: set[str] = set()
        passwords: dict[str, str] = {}
        for name, purpose in names.items():
            parts = urlsplit(variable(name))
            login = f"{description.package}_{purpose}"
            if unquote(parts.username or "") != login or not parts.password:
                raise click.ClickException(
                    f"{name} is not the address of the login {login} with its password"
                )
            databases.add(unquote(parts.path.strip("/")))
            passwords[purpose] = unquote(parts.password)
        if len(databases) > 1 or "" in databases:
            raise click.ClickException(f"{', '.join(names)} do not name one and the same database")
        return cls(databases.pop(), **passwords)
