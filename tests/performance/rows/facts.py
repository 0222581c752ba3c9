"""Facts: what relay and consumers carry against bare nats-py, and how soon a fact has its effect elsewhere."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from chassis.embedded.databases import ServiceLogins
from chassis.embedded.nats import NatsServer
from chassis.embedded.postgres import throwaway_postgres
from chassis.embedded.processes import wait_until
from chassis.events.wake import CHANNEL
from chassis.process import settle_in
from deploy.demo.deliveries import taiwanese
from deploy.demo.importing import Importer
from rapport.contacts.events.v1.person_events_pb2 import PersonCreated
from services.chassis.tests.events.throughput import (
    bare_consume_seconds,
    bare_publish_seconds,
    consumer_seconds,
    relay_seconds,
    write_later,
)
from services.chassis.tests.events.world import USERS, World, make_databases, make_world
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject

_COUNT = 20_000
_ROUNDS = 3
_PER_SECOND = 200
_SECONDS = 20
_IMPORTED = 20_000
_CONSUMER = "notifications-contacts/effect"
_NOTE_EFFECTS = """
CREATE TABLE IF NOT EXISTS bench_effects (event_id uuid PRIMARY KEY, at timestamptz NOT NULL);
GRANT INSERT ON bench_effects TO PUBLIC;
CREATE OR REPLACE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench_effects VALUES (NEW.event_id, clock_timestamp()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- Deferred: it runs when the transaction of the effect commits.
CREATE CONSTRAINT TRIGGER bench_note AFTER INSERT ON inbox DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.consumer = '{consumer}') EXECUTE FUNCTION bench_note();
"""
_FORGET = "DROP TRIGGER bench_note ON inbox; DROP FUNCTION bench_note; DROP TABLE bench_effects"
_INSERT = """
INSERT INTO outbox (id, tenant_id, lane, type, aggregate_id, aggregate_version, payload, actor, occurred_at)
VALUES (%s, %s, 0, %s, %s, 1, %s, 'service:bench', now())
"""


def measure(subject: Subject) -> Figures:
    """Throughput on servers of its own; then the time to the effect, also while an import runs."""
    yield from _throughput()
    yield from _latency(subject, "")
    with _importing(subject):
        yield from _latency(subject, f" while {_IMPORTED:,} people are imported")


def _throughput() -> Figures:
    with (
        tempfile.TemporaryDirectory(prefix="rapport-bench-facts-") as folder,
        throwaway_postgres(Path(folder) / "postgres") as postgres,
        # Not a throw-away one: this one waits for the disk, as in a deployment.
        _broker(Path(folder) / "nats") as broker,
    ):
        make_databases(postgres, Path(folder) / "migrations")
        with make_world(postgres, broker) as world:
            # Without the monitoring port the slow lane waits for no consumer.
            alone = {"nats_monitor_url": None}
            world.shop.settings = world.shop.settings.model_copy(update=alone)
            settle_in()
            yield from _ratios([_round(world) for _ in range(_ROUNDS)])


def _round(world: World) -> dict[str, float]:
    """Seconds for each; yardstick and measured take turns, each with messages of its own."""
    return {
        "bare publish": bare_publish_seconds(world, _COUNT),
        "bare consume": bare_consume_seconds(world, _COUNT),
        "relay": relay_seconds(world, _COUNT, bulk=False),
        "consumer": consumer_seconds(world, _COUNT, write_later),
    }


def _ratios(rounds: list[dict[str, float]]) -> Figures:
    for name, measured, bare in (
        ("relay, against publishing bare", "relay", "bare publish"),
        ("consumer with a row each, against fetching bare", "consumer", "bare consume"),
    ):
        # The middle round by its ratio.
        ordered = sorted(rounds, key=lambda one: one[bare] / one[measured])
        middle = ordered[len(ordered) // 2]
        yield Figure(
            name, _COUNT / middle[measured], "facts per second", _COUNT / middle[bare], 0.5
        )


@contextmanager
def _broker(folder: Path) -> Iterator[NatsServer]:
    server = NatsServer(folder, 0, 0, USERS)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _latency(subject: Subject, circumstances: str) -> Figures:
    """From the commit in contacts to the commit of the effect in notifications."""
    platform = subject.platform
    with psycopg.connect(platform.postgres.admin_dsn("notifications"), autocommit=True) as there:
        there.execute(_NOTE_EFFECTS.format(consumer=_CONSUMER))
        try:
            committed = _say(subject)
            _until_all_happened(there, list(committed))
            rows = there.execute(
                "SELECT event_id, extract(epoch FROM at)::float8 FROM bench_effects"
            ).fetchall()
        finally:
            there.execute(_FORGET)
    taken = [at - committed[event] for event, at in rows if event in committed]
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    about = f"{len(taken):,} facts at {_PER_SECOND} a second"
    for name, value, reach in (("p50", cuts[49], 30), ("p99", cuts[98], 250)):
        yield Figure(
            f"fact from commit to effect elsewhere{circumstances}, {name}",
            max(0.0, value) * 1000,
            "ms",
            reach=reach,
            at_most=True,
            note=about,
        )


def _say(subject: Subject) -> dict[UUID, float]:
    """Commit facts as contacts does, at an even pace; gives when each was committed."""
    environments = subject.platform.environments
    service = next(one for one in subject.platform.services if one.name == "contacts")
    secrets = environments.secrets.services["contacts"]
    logins = ServiceLogins.of(service.database)
    runtime = environments.database_url(service, logins.runtime, secrets.runtime)
    committed: dict[UUID, float] = {}
    with (
        psycopg.connect(runtime, options=f"-c app.tenant={subject.tenant.id}") as writing,
        psycopg.connect(runtime, autocommit=True) as waking,
    ):
        began = time.monotonic()
        for number in range(_PER_SECOND * _SECONDS):
            due = began + number / _PER_SECOND
            threading.Event().wait(max(0.0, due - time.monotonic()))
            event, person = uuid4(), uuid4()
            payload = PersonCreated(person_id=str(person)).SerializeToString()
            kind = PersonCreated.DESCRIPTOR.full_name
            writing.execute(_INSERT, (event, subject.tenant.id, kind, person, payload))
            writing.commit()
            committed[event] = time.time()
            waking.execute(f"NOTIFY {CHANNEL}")
    return committed


def _until_all_happened(there: psycopg.Connection[Any], events: list[UUID]) -> None:
    question = "SELECT count(*) FROM bench_effects WHERE event_id = ANY(%s)"

    def all_there() -> bool:
        row = there.execute(question, [events]).fetchone()
        return row is not None and int(row[0]) == len(events)

    if not wait_until(all_there, 120):
        raise RuntimeError("not every fact had its effect within two minutes")


@contextmanager
def _importing(subject: Subject) -> Iterator[None]:
    """An import in the background, which is waited for afterwards."""
    importer = Importer(subject.app, taiwanese(_IMPORTED))
    importer.map(importer.upload())
    thread = threading.Thread(target=importer.run, args=(lambda _: None,), name="import")
    thread.start()
    try:
        yield
    finally:
        thread.join()
