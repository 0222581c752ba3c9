"""Imports: rows per second against `COPY` of the same rows into a bare table, and memory."""

from __future__ import annotations

import time
from typing import Any

import psutil
import psycopg
from psycopg import sql

from deploy.demo.deliveries import taiwanese
from deploy.demo.importing import Importer
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject


def import_people(subject: Subject, count: int) -> Figures:
    """Import so many generated people through the gateway, as an app would.

    Those who were imported before are recognised by their numbers, and updated.
    """
    delivery = taiwanese(count)
    copied = _copied(subject, delivery.data)
    most = _memory(subject)

    def watch(_: int) -> None:
        nonlocal most
        most = max(most, _memory(subject))

    started = time.perf_counter()
    importer = Importer(subject.app, delivery)
    importer.map(importer.upload())
    outcome = importer.run(watch)
    seconds = time.perf_counter() - started
    if outcome.rows != count:
        raise RuntimeError(f"of {count} rows, {outcome.rows} were imported: {outcome.run}")
    yield Figure(
        f"import of {count:,} rows, sending and reading included",
        count / seconds,
        "rows per second",
        count / copied,
        1 / 25,
        note=f"{seconds:.0f} s; stored at {outcome.rows_per_second:,.0f} a second",
    )
    if "contacts while importing" not in subject.memory:
        yield _against_equal_tables(subject, count, seconds)
    small = subject.memory.setdefault("contacts while importing", most)
    yield Figure(
        f"memory of contacts while importing {count:,} rows, at most",
        most,
        "MiB",
        None if small is most else small,
        None if small is most else 1.25,
        at_most=True,
    )


_STORED = (
    "people",
    "person_keys",
    "person_match_keys",
    "person_external_ids",
    "person_search_terms",
    "outbox",
)


def _against_equal_tables(subject: Subject, count: int, seconds: float) -> Figure:
    """The import against `COPY` of all that it has stored, with the same columns and indexes."""
    dsn, copied = subject.platform.postgres.admin_dsn("contacts"), 0.0
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in map(sql.Identifier, _STORED):
            rows = _all_of(connection, table, subject.tenant.id)
            twin = sql.Identifier("yardstick_twin")
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(twin, table)
            )
            copied += _copy_in(connection, sql.SQL("COPY {} FROM STDIN").format(twin), rows)
            connection.execute(sql.SQL("DROP TABLE {}").format(twin))
    return Figure(
        f"import of {count:,} rows against all it stores in equal tables",
        count / seconds,
        "rows per second",
        count / copied,
        1 / 25,
    )


def _all_of(connection: psycopg.Connection[Any], table: sql.Identifier, tenant_id: str) -> bytes:
    copy_out = sql.SQL("COPY (SELECT * FROM {} WHERE tenant_id = {}) TO STDOUT")
    with connection.cursor().copy(copy_out.format(table, tenant_id)) as copy:
        return b"".join(bytes(block) for block in copy)


def _copy_in(connection: psycopg.Connection[Any], statement: sql.Composed, rows: bytes) -> float:
    """The seconds that it takes."""
    started = time.perf_counter()
    with connection.cursor().copy(statement) as copy:
        for at in range(0, len(rows), 2**16):
            copy.write(rows[at : at + 2**16])
    return time.perf_counter() - started


def _copied(subject: Subject, content: bytes) -> float:
    """Seconds that `COPY` takes for the same rows into a table without anything on it."""
    names = content[: content.index(b"\n")].decode("utf-8-sig").strip().split(",")
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(n)) for n in names)
    table = sql.Identifier("yardstick_rows")
    dsn = subject.platform.postgres.admin_dsn("contacts")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
        statement = sql.SQL("COPY {} FROM STDIN WITH (FORMAT csv, HEADER)").format(table)
        seconds = _copy_in(connection, statement, content)
        connection.execute(sql.SQL("DROP TABLE {}").format(table))
    return seconds


def _memory(subject: Subject) -> float:
    """Resident memory of contacts in MiB."""
    record = subject.platform.parts["contacts"].process()
    if record is None:
        raise RuntimeError("contacts does not run")
    top = psutil.Process(record.pid)
    processes = [top, *top.children(recursive=True)]
    return sum(float(process.memory_info().rss) for process in processes) / 2**20
