"""The points ledger: how many points are earned and redeemed a second, against bare double entries."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import asdict
from pathlib import Path

from chassis.embedded.postgres import PostgresServer
from chassis.testing.harness import migrated_database
from loyalty.description import DESCRIPTION
from services.loyalty.tests.ledger.load import Load, per_second, prepared
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject

_PROCESSES = 2
_THREADS = (4, 1)
"""With four each, both are as fast as two cores are; with one each, both wait for their answers."""
_MEMBERS = 1_000
_SECONDS = 10.0
_ROUNDS = 3
_AT_LEAST = 1_000


def measure(_subject: Subject) -> Figures:
    """On a server of its own that waits for the disk; both take turns, the middle round by its ratio counts."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-ledger-") as folder:
        server = PostgresServer(Path(folder) / "postgres", 0, secrets.token_urlsafe(16))
        server.start()
        try:
            yield from _measured(server)
        finally:
            server.kill()


def _measured(server: PostgresServer) -> Figures:
    database = migrated_database(server, "loyalty", DESCRIPTION.migrations)
    tenant_id, members = prepared(database, _MEMBERS)
    for threads in _THREADS:
        load = Load(asdict(database), tenant_id, members, threads, _SECONDS)
        yield from _against_bare(load)


def _against_bare(load: Load) -> Figures:
    rounds = []
    for _ in range(_ROUNDS):
        moved = per_second("operations", [load] * _PROCESSES)
        rounds.append((moved, per_second("bare", [load] * _PROCESSES)))
    moved, bare = sorted(rounds, key=lambda one: one[0] / one[1])[_ROUNDS // 2]
    threads = "four threads" if load.threads > 1 else "one thread"
    name = f"points earned and redeemed, two processes of {threads}"
    yield Figure(name, moved, "operations per second", bare, 0.5, note="against bare double entry")
    yield Figure(f"{name}, in all", moved, "operations per second", reach=_AT_LEAST)
