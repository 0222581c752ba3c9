"""Brings databases back from a backup: each whole or not at all, and only while nobody works with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, cast

import psycopg
from psycopg import sql

from rapport_operator.backing_up import Connection, count_rows, migration_of
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.kept_folders import missing, put_back
from rapport_operator.manifest import Archived, Manifest, verify
from rapport_operator.postgres_tools import Access, program

_ASIDE = "replaced_by_restore"
_BUSY = """
SELECT usename, count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = ANY(%s)
GROUP BY usename ORDER BY usename
"""
_SAID_LAST = 5

Tell = Callable[[str, int, int], None]
"""What is being done, how far it is, and of how much."""


@dataclass(frozen=True, slots=True)
class Target:
    """A database that is to be filled, and with what."""

    access: Access
    archived: Archived
    path: Path
    tables: int
    """How many it has now."""
    folders: Mapping[str, tuple[Path, Path]] = field(default_factory=dict)
    """By name: the file with what was in a folder, and where that folder is."""

    @property
    def service(self) -> str:
        """Whose it is."""
        return self.access.service


def targets(
    deployment: Deployment, manifest: Manifest, services: Sequence[str], folder: Path, tell: Tell
) -> list[Target]:
    """Verify everything before anything is changed.

    Raises `OperatorError`: for a file that is not as it was written, a service that is not in the
    backup, a database that somebody works with.
    """
    found = []
    for name in services:
        archived = manifest.services.get(name)
        if archived is None:
            raise OperatorError(
                f"the backup has nothing of {name}; it has {', '.join(manifest.services)}"
            )
        access = Access.of(deployment, name)
        path = _verified(folder, name, archived, tell)
        with psycopg.connect(access.url, connect_timeout=10) as connection:
            _require_quiet(connection, access)
            tables = len(count_rows(connection))
        folders = _folders(deployment, name, archived, folder, tell)
        found.append(Target(access, archived, path, tables, folders))
    return found


def bring_back(target: Target, tell: Tell) -> int:
    """Fill a database from its file, in one transaction; what was there goes only when that is done.

    Files come first, beside those there are: without rows they are nothing. Gives how many files are
    missing that rows name. Raises `OperatorError` with what is wrong; then the database is as it was.
    """
    pg_restore = program("pg_restore", by_tls=target.access.by_tls)
    for name, (path, place) in target.folders.items():
        title, files = f"{target.service} {name}", target.archived.folders[name].files
        put_back(path, place, partial(_tell_of, tell, title, files))
    with psycopg.connect(target.access.url, autocommit=True, connect_timeout=10) as connection:
        with _what_there_is_set_aside(connection):
            _fill(pg_restore, target, tell)
            _compare(connection, target)
        connection.execute("ANALYZE")
    return _missing_files(target)


def _tell_of(tell: Tell, title: str, total: int, done: int) -> None:
    tell(title, done, total)


def _folders(
    deployment: Deployment, service: str, archived: Archived, folder: Path, tell: Tell
) -> dict[str, tuple[Path, Path]]:
    """Where each folder of the backup is, and goes to. Raises `OperatorError` for one with no place."""
    found = {}
    for name, kept in archived.folders.items():
        place = deployment.service(service).folders.get(name)
        if place is None:
            raise OperatorError(
                f"the deployment's description does not say where the folder {name} of {service} is"
            )
        told = partial(_tell_of, tell, f"verifying {service} {name}", kept.bytes)
        found[name] = (verify(folder, service, kept, told), place)
    return found


def _missing_files(target: Target) -> int:
    queries = description_of(target.service).files if target.folders else {}
    with psycopg.connect(target.access.url, connect_timeout=10) as connection:
        return sum(
            missing(connection, queries[name], place)
            for name, (_, place) in target.folders.items()
            if name in queries
        )


def _verified(folder: Path, name: str, archived: Archived, tell: Tell) -> Path:
    def read(done: int) -> None:
        tell(f"verifying {name}", done, archived.bytes)

    return verify(folder, name, archived, read)


def _require_quiet(connection: Connection, access: Access) -> None:
    """Whoever only watches the database, an exporter of metrics say, is in nobody's way."""
    found = connection.execute(_BUSY, [list(access.logins)]).fetchall()
    busy = [f"{login} ({count})" for login, count in found]
    if busy:
        raise OperatorError(
            f"somebody works with the database of {access.service}: {', '.join(busy)}; stop the services first"
        )


@contextmanager
def _what_there_is_set_aside(connection: Connection) -> Iterator[None]:
    """An empty schema for a block; what was in its place is dropped at its end, or back if it fails."""
    aside, public = sql.Identifier(_ASIDE), sql.Identifier("public")
    with connection.transaction():
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(aside))
        connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(public, aside))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(public))
    try:
        yield
    except BaseException:
        with connection.transaction():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(public))
            connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(aside, public))
        raise
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(aside))


def _fill(pg_restore: str, target: Target, tell: Tell) -> None:
    steps = _steps(pg_restore, target)
    command = [
        pg_restore,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-password",
        "--verbose",
        f"--dbname={target.access.address}",
        str(target.path),
    ]
    said: list[str] = []
    done = 0
    with subprocess.Popen(
        command, env=target.access.environment, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in cast("IO[str]", process.stderr):
            said = [*said[1 - _SAID_LAST :], line.strip()]
            if " creating " in line or " processing data " in line:
                done = min(done + 1, steps)
                tell(f"restoring {target.service}", done, steps)
    if process.returncode != 0:
        raise OperatorError(
            f"{target.service} was not restored, and is as it was: {' '.join(said)}"
        )
    tell(f"restoring {target.service}", steps, steps)


def _steps(pg_restore: str, target: Target) -> int:
    """How many entries the file has; raises `OperatorError` for a file that is none of pg_dump's."""
    command = [pg_restore, "--list", str(target.path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise OperatorError(f"{target.path} cannot be restored: {answer.stderr.strip()}")
    return sum(1 for line in answer.stdout.splitlines() if line and not line.startswith(";"))


def _compare(connection: Connection, target: Target) -> None:
    """Raises `OperatorError` when what is there is not what the manifest says."""
    rows, migration = count_rows(connection), migration_of(connection)
    wrong = [
        f"{table} has {rows.get(table, 'no table')} rows, not {count}"
        for table, count in target.archived.rows.items()
        if rows.get(table) != count
    ]
    if migration != target.archived.migration:
        wrong.append(f"the migration is {migration}, not {target.archived.migration}")
    if wrong:
        raise OperatorError(f"{target.service} is not what was backed up: {'; '.join(wrong[:5])}")
