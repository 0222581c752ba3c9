"""A service's database with its three logins: owner, runtime and system."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_LOGIN_OPTIONS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT"
# Any number will do; whoever provisions takes this lock, because roles belong to the whole server.
_PROVISIONING_LOCK = 7_203_115_881


@dataclass(frozen=True)
class ServicePasswords:
    """The passwords of a service's three logins."""

    owner: str
    runtime: str
    system: str


@dataclass(frozen=True)
class ServiceLogins:
    """The names of a service's three logins."""

    owner: str
    runtime: str
    system: str

    @classmethod
    def of(cls, service: str) -> "ServiceLogins":
        """The logins by the service's name."""
        return cls(f"{service}_owner", f"{service}_runtime", f"{service}_system")


def provision_service_database(
    admin_dsn: str,
    service: str,
    passwords: ServicePasswords,
    *,
    database: str | None = None,
    template: str | None = None,
) -> None:
    """Create the service's logins and database, or set them right if they exist; may run at the same time twice.

    `database` is named like the service unless given; `template` makes a new one a copy of another database of the
    same service (to which nobody is connected), its tables, rows and table privileges included.
    """
    logins, name = ServiceLogins.of(service), database or service
    with _provisioning(admin_dsn) as connection:
        for login, password in (
            (logins.owner, passwords.owner),
            (logins.runtime, passwords.runtime),
            (logins.system, passwords.system),
        ):
            _provision_login(connection, login, password)
        _close_to_public(connection, "postgres")
        _close_to_public(connection, "template1")
    _create_database(admin_dsn, name, logins.owner, template)
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        _close_to_public(connection, name)
        _execute(connection, "GRANT CONNECT ON DATABASE {} TO {}, {}, {}", name, *_names(logins))
    if template is None:
        _provision_schema(make_conninfo(admin_dsn, dbname=name), logins)


def service_dsn(admin_dsn: str, database: str, login: str, password: str) -> str:
    """A login's connection address on the server of `admin_dsn`, as a URL."""
    server = conninfo_to_dict(admin_dsn)
    return f"postgresql://{login}:{password}@{server['host']}:{server['port']}/{database}"


@contextmanager
def _provisioning(admin_dsn: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A transaction in which nobody else provisions."""
    with psycopg.connect(admin_dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_PROVISIONING_LOCK])
        yield connection


def _provision_login(
    connection: "psycopg.Connection[tuple[object, ...]]", login: str, password: str
) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    # Only the verifier travels, so that no server log can show the password.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), login.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("{} ROLE {} {} PASSWORD {}").format(
        sql.SQL("ALTER" if known else "CREATE"),
        sql.Identifier(login),
        sql.SQL(_LOGIN_OPTIONS),
        sql.Literal(verifier),
    )
    connection.execute(statement)


def _create_database(admin_dsn: str, name: str, owner: str, template: str | None) -> None:
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if not known:
            _execute(
                connection,
                "CREATE DATABASE {} TEMPLATE {} OWNER {}",
                name,
                template or "template1",
                owner,
            )


def _close_to_public(connection: "psycopg.Connection[tuple[object, ...]]", database: str) -> None:
    _execute(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)


def _provision_schema(database_dsn: str, logins: ServiceLogins) -> None:
    with psycopg.connect(database_dsn) as connection:
        _execute(connection, "ALTER SCHEMA public OWNER TO {}", logins.owner)
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        _execute(
            connection, "GRANT USAGE ON SCHEMA public TO {}, {}", logins.runtime, logins.system
        )


def _execute(
    connection: "psycopg.Connection[tuple[object, ...]]", statement: str, *names: str
) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _names(logins: ServiceLogins) -> tuple[str, str, str]:
    return logins.owner, logins.runtime, logins.system
