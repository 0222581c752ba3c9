"""Copies all databases into a folder, each as it was at one and the same time, while the services go on."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

import psycopg
from psycopg import IsolationLevel, sql

from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.kept_folders import keep_folder, missing
from rapport_operator.manifest import CHUNK, Archived, ArchivedFolder, Manifest
from rapport_operator.postgres_tools import Access, program

Connection = psycopg.Connection[Any]

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY relname
"""
_MIGRATED = "SELECT to_regclass('public.alembic_version') IS NOT NULL"


@dataclass(frozen=True, slots=True)
class _Held:
    """A database whose state of one moment is held for those who ask by the snapshot's name."""

    access: Access
    connection: Connection
    snapshot: str
    taken_at: datetime


def back_up(
    deployment: Deployment,
    services: Sequence[str],
    folder: Path,
    tell: Callable[[str, int], None],
) -> Manifest:
    """Write one file a service and folder, and the manifest, below `folder`; `tell(service, bytes so far)`.

    Raises `OperatorError`: for a folder that holds something, or with what pg_dump says.
    """
    accesses = [Access.of(deployment, name) for name in services]
    pg_dump = program("pg_dump", by_tls=any(access.by_tls for access in accesses))
    _make_room(folder)
    archived: dict[str, Archived] = {}
    with ExitStack() as stack:
        held = _hold_all(stack, accesses)
        for one in held:
            name = one.access.service
            archived[name] = _dump(pg_dump, one, folder / f"{name}.dump", tell)
            folders = deployment.service(name).folders
            if folders:
                kept = _keep_folders(one, folders, folder, tell)
                archived[name] = archived[name].model_copy(update={"folders": kept})
    manifest = Manifest(
        taken_at=min(one.taken_at for one in held),
        services={name: archived[name] for name in services},
    )
    manifest.write(folder)
    return manifest


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table of a service has."""
    found: dict[str, int] = {}
    for (table,) in connection.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))
        [(found[table],)] = connection.execute(query).fetchall()
    return found


def migration_of(connection: Connection) -> str | None:
    """The newest migration that a database has had."""
    [(is_migrated,)] = connection.execute(_MIGRATED).fetchall()
    if not is_migrated:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OperatorError(f"{folder} is not empty: a backup needs a folder of its own")
    except OSError as error:
        raise OperatorError(f"{folder} cannot be used: {error.strerror}") from None


def _hold_all(stack: ExitStack, accesses: Sequence[Access]) -> list[_Held]:
    """Hold the state of all databases, first all connected, then one right after the other.

    From the last to the first: who consumes comes after whom it consumes from, and a fact that a
    consumer has not had yet is published again after a restore; the other way round would be worse.
    """
    connections = [stack.enter_context(_reading(access)) for access in accesses]
    held = []
    for access, connection in reversed(list(zip(accesses, connections, strict=True))):
        [(snapshot, now)] = connection.execute("SELECT pg_export_snapshot(), now()").fetchall()
        held.append(_Held(access, connection, snapshot, now))
    return held


@contextmanager
def _reading(access: Access) -> Iterator[Connection]:
    with psycopg.connect(access.url, connect_timeout=10, application_name="rapport-operator") as it:
        it.isolation_level = IsolationLevel.REPEATABLE_READ
        it.read_only = True
        yield it


def _dump(pg_dump: str, held: _Held, path: Path, tell: Callable[[str, int], None]) -> Archived:
    command = [
        pg_dump,
        "--format=custom",
        "--no-password",
        f"--snapshot={held.snapshot}",
        f"--dbname={held.access.address}",
    ]
    with subprocess.Popen(
        command, env=held.access.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        streams = cast("tuple[IO[bytes], IO[bytes]]", (process.stdout, process.stderr))
        size, digest = _keep(streams[0], path, lambda done: tell(held.access.service, done))
        said = streams[1].read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise OperatorError(f"{held.access.service} was not backed up: {said}")
    return Archived(
        file=path.name,
        bytes=size,
        sha256=digest,
        server=str(held.connection.info.server_version),
        migration=migration_of(held.connection),
        rows=count_rows(held.connection),
    )


def _keep_folders(
    held: _Held, folders: Mapping[str, Path], folder: Path, tell: Callable[[str, int], None]
) -> dict[str, ArchivedFolder]:
    """After the database: a file is there before its row is."""
    service, found = held.access.service, {}
    for name, source in folders.items():
        title = f"{service} {name}"
        path = folder / f"{service}.{name}.tar"
        kept = keep_folder(source, path, partial(tell, title))
        query = description_of(service).files.get(name)
        lost = missing(held.connection, query, source) if query else 0
        found[name] = kept.model_copy(update={"missing": lost})
    return found


def _keep(source: IO[bytes], path: Path, tell: Callable[[int], None]) -> tuple[int, str]:
    """Write a stream to a file that only its owner may read; gives its size and digest."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := source.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            tell(size)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()
