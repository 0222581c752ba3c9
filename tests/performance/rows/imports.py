"""Imports: rows per second against `COPY` of the same rows into a bare table, and memory."""

from __future__ import annotations

import time

import psutil
import psycopg

from deploy.demo.taiwan_people import csv_file
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject

_PART = 8 * 2**20


def import_people(subject: Subject, count: int, seed: int = 1) -> Figures:
    """Import so many generated people through the gateway, as an app would."""
    content = csv_file(count, seed=seed)
    copied = _copied(subject, content)
    before = _memory(subject)
    started = time.perf_counter()
    _import(subject, content)
    seconds = time.perf_counter() - started
    yield Figure(
        f"import of {count:,} rows",
        count / seconds,
        "rows per second",
        count / copied,
        1 / 25,
        note=f"{seconds:.0f} s",
    )
    yield Figure(f"memory gained by importing {count:,} rows", _memory(subject) - before, "MiB")


def _copied(subject: Subject, content: bytes) -> float:
    """Seconds that `COPY` takes for the same rows into a table without anything on it."""
    names = content[: content.index(b"\n")].decode("utf-8-sig").strip().split(",")
    columns = ", ".join(f'"{name}" text' for name in names)
    dsn = subject.platform.postgres.admin_dsn("contacts")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS yardstick_rows")
        connection.execute(f"CREATE TABLE yardstick_rows ({columns})")
        started = time.perf_counter()
        with connection.cursor().copy(
            "COPY yardstick_rows FROM STDIN WITH (FORMAT csv, HEADER)"
        ) as copy:
            for at in range(0, len(content), 2**16):
                copy.write(content[at : at + 2**16])
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE yardstick_rows")
    return seconds


def _import(subject: Subject, content: bytes) -> None:
    app = subject.app
    begun = app.post("/v1/contacts/imports", {"name": "bench", "default_country": "TW"})
    address = f"/v1/contacts/imports/{begun['id']}"
    for number, at in enumerate(range(0, len(content), _PART), start=1):
        app.put(
            f"{address}/parts/{number}",
            content=content[at : at + _PART],
            headers={"Content-Type": "application/octet-stream"},
        )
    app.post(f"{address}/complete")
    job = app.post(f"{address}/run")
    done = app.job(f"/v1/contacts/jobs/{job['id']}")
    if done["state"] != "succeeded":
        raise RuntimeError(f"the import ended as {done}")


def _memory(subject: Subject) -> float:
    """Resident memory of contacts in MiB."""
    record = subject.platform.parts["contacts"].process()
    if record is None:
        raise RuntimeError("contacts does not run")
    top = psutil.Process(record.pid)
    processes = [top, *top.children(recursive=True)]
    return sum(float(process.memory_info().rss) for process in processes) / 2**20
