"""Two services for the tests, a shop that sells and an office that keeps a ledger of it, on real servers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import nats
import psycopg
import sqlalchemy as sa
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import service_caller
from chassis.domain import Clock, Fact
from chassis.embedded.databases import ServicePasswords, provision_service_database, service_dsn
from chassis.embedded.nats import NatsServer
from chassis.embedded.nats_permissions import (
    NatsUser,
    provisioner_permissions,
    service_permissions,
)
from chassis.embedded.postgres import PostgresServer
from chassis.events.consumer import ConsumerGroup
from chassis.events.patience import Patience
from chassis.events.provision import StreamLimits, provision
from chassis.events.reactions import Envelope, Reactions, Subscription
from chassis.events.relay import Relay
from chassis.events.wake import Waker
from chassis.settings import ServiceSettings
from chassis.storage.database import Database
from chassis.storage.migrate import migrate
from chassis.storage.unit_of_work import Operations, UnitOfWork
from services.chassis.tests.events.facts import ENCODER, SoldMessage

TENANT = UUID("018f0000-0000-7000-8000-000000000001")
OTHER_TENANT = UUID("018f0000-0000-7000-8000-000000000002")
USERS = (
    service_permissions("shop", "shop-password", consumes=[]),
    service_permissions("office", "office-password", consumes=["shop"]),
    provisioner_permissions("provisioner-password"),
    NatsUser("observer", "observer-password", (">",), (">",)),
)
HASTY = Patience(
    attempts=3,
    first_seconds=0.05,
    longest_seconds=0.2,
    longest_outage_seconds=0.2,
    unknown_attempts=5,
)
_PASSWORDS = ServicePasswords("owner", "runtime", "system")
_MIGRATION = '''"""The chassis' tables, and a ledger for the effects of facts."""
from alembic import op
from chassis.storage.ddl import create_chassis_tables, protect
revision = "0001"
down_revision = None

def upgrade():
    create_chassis_tables()
    op.execute(
        "CREATE TABLE ledger (place bigint GENERATED ALWAYS AS IDENTITY, tenant_id uuid NOT NULL,"
        " aggregate_id uuid NOT NULL, number bigint NOT NULL, note text NOT NULL)"
    )
    protect("ledger")
'''


def eventually(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of `condition`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        threading.Event().wait(0.02)


def make_databases(server: PostgresServer, folder: Path) -> None:
    """The migrated databases of both services; each test empties them for itself."""
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "0001_tables.py").write_text(_MIGRATION, encoding="utf-8")
    for service in ("shop", "office"):
        provision_service_database(server.admin_dsn(), service, _PASSWORDS)
        migrate(service_dsn(server.admin_dsn(), service, f"{service}_owner", "owner"), folder)


@dataclass
class Site:
    """One of the two services: its database and its operations."""

    name: str
    settings: ServiceSettings
    admin_dsn: str
    database: Database = field(init=False)
    waker: Waker = field(init=False)
    operations: Operations[UnitOfWork] = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.settings, self.name)
        self.waker = Waker(self.database)
        self.operations = Operations(
            self.database,
            UnitOfWork,
            facts=ENCODER,
            clock=SystemClock(),
            ids=TimeOrderedIds(),
            committed=self.waker.wake,
        )

    def close(self) -> None:
        """Give all connections back."""
        self.waker.close()
        self.database.close()

    def record(
        self, *facts: Fact, about: UUID | None = None, tenant: UUID = TENANT, bulk: bool = False
    ) -> None:
        """Commit facts about one aggregate, in one transaction."""

        def operation(tx: UnitOfWork) -> None:
            tx.bulk = bulk
            for version, fact in enumerate(facts, start=1):
                tx.publish(fact, about or uuid4(), version)

        self.operations.run(service_caller(self.name, tenant), operation)

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows as the superuser sees them."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def unpublished(self) -> int:
        """How many facts are not marked as published."""
        return int(self.query("SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0])

    def ledger(self) -> list[int]:
        """The numbers of the facts that had their effect, in that order."""
        return [row[0] for row in self.query("SELECT number FROM ledger ORDER BY place")]

    def disconnect(self, application: str) -> int:
        """Kill the database connections of this name; gives how many there were."""
        return len(
            self.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE %s",
                application,
            )
        )


def write_down(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
    """The usual reaction: a line in the ledger."""
    tx.connection.execute(
        sa.text(
            "INSERT INTO ledger (tenant_id, aggregate_id, number, note)"
            " VALUES (:tenant, :aggregate, :number, :note)"
        ),
        {
            "tenant": tx.tenant_id,
            "aggregate": envelope.aggregate_id,
            "number": message.number,
            "note": message.note,
        },
    )


def on_sold(handler: Callable[[Any, Any, Envelope], object] = write_down) -> Subscription:
    """A subscription to what the shop has sold."""
    reactions = Reactions()
    reactions.on(SoldMessage, handler)
    return Subscription("shop", reactions)


class World:
    """Both services, the broker between them, and what a test starts of relays and consumers."""

    def __init__(self, server: PostgresServer, broker: NatsServer) -> None:
        self.broker = broker
        self._server = server
        self._running: list[Relay | ConsumerGroup] = []
        self.shop, self.office = (self._site(name) for name in ("shop", "office"))

    def _site(self, service: str) -> Site:
        site = Site(service, self._settings(service), self._server.admin_dsn(service))
        site.query("TRUNCATE outbox, inbox, ledger RESTART IDENTITY")
        return site

    def _settings(self, service: str) -> ServiceSettings:
        admin = self._server.admin_dsn()
        return ServiceSettings.model_validate(
            {
                "http_port": 1,
                "grpc_port": 1,
                "database_url": service_dsn(admin, service, f"{service}_runtime", "runtime"),
                "database_system_url": service_dsn(admin, service, f"{service}_system", "system"),
                "nats_url": self.broker.url,
                "nats_user": service,
                "nats_password": f"{service}-password",
                "nats_monitor_url": self.broker.monitor_url,
                "public_url": "http://gateway.test",
                "jwks_url": "http://127.0.0.1:1/jwks.json",
                "identity_grpc": "127.0.0.1:1",
                "signing_secret": "a secret of the tests that is long enough",
                "service_client_secret": "secret",
            }
        )

    def provision(self, limits: StreamLimits | None = None) -> None:
        """The streams and consumers of both services, as the provisioner makes them."""
        for service, consumes in (
            ("shop", {}),
            ("office", {"shop": (SoldMessage.DESCRIPTOR.full_name,)}),
        ):
            asyncio.run(
                provision(
                    self.broker.url,
                    "provisioner",
                    "provisioner-password",
                    service=service,
                    consumes=consumes,
                    limits=limits,
                )
            )

    def relay(self, clock: Clock | None = None, kind: type[Relay] = Relay) -> Relay:
        """A running relay of the shop."""
        relay = kind(self.shop.database, self.shop.settings, "shop", clock)
        self._running.append(relay)
        relay.start()
        return relay

    def consumers(
        self, *subscriptions: Subscription, patience: Patience = HASTY, **more: Any
    ) -> ConsumerGroup:
        """The running consumers of the office, which write sales into the ledger unless told otherwise."""
        group = ConsumerGroup(
            self.office.operations,
            self.office.settings,
            "office",
            subscriptions or (on_sold(),),
            patience=patience,
            **more,
        )
        self._running.append(group)
        group.start()
        return group

    def observe(self, look: Callable[[JetStreamContext, Client], Any]) -> Any:
        """What a coroutine finds that may do everything on the broker."""

        async def run() -> Any:
            client = await nats.connect(
                self.broker.url, user="observer", password="observer-password"
            )
            try:
                return await look(client.jetstream(), client)
            finally:
                await client.close()

        return asyncio.run(run())

    def published(self, stream: str = "RAPPORT_SHOP") -> list[Any]:
        """All messages in a stream, oldest first, with `subject`, `headers`, `data`."""

        async def look(js: JetStreamContext, _: Client) -> list[Any]:
            state = (await js.stream_info(stream)).state
            places = range(state.first_seq, state.last_seq + 1)
            messages = [await js.get_msg(stream, place) for place in places]
            for message in messages:
                message.data = message.data or b""  # what the client makes of no bytes at all
            return messages

        found: list[Any] = self.observe(look)
        return found

    def count(self, stream: str = "RAPPORT_SHOP") -> int:
        """How many messages a stream has."""

        async def look(js: JetStreamContext, _: Client) -> int:
            return int((await js.stream_info(stream)).state.messages)

        return int(self.observe(look))

    def unsettled(self) -> int:
        """How many of the shop's facts the office has not settled yet, taken or not."""

        async def look(js: JetStreamContext, _: Client) -> int:
            info = await js.consumer_info("RAPPORT_SHOP", "office-shop")
            return int((info.num_pending or 0) + (info.num_ack_pending or 0))

        return int(self.observe(look))

    def publish(
        self,
        number: int,
        *,
        about: UUID | None = None,
        tenant: UUID = TENANT,
        **headers: str | None,
    ) -> None:
        """Publish a sale as the relay would, with other headers (`_` for `-`); None leaves one out."""
        event_id = str(uuid4())
        subject = SoldMessage.DESCRIPTOR.full_name
        usual: dict[str, str | None] = {
            "ce-id": event_id,
            "ce-type": subject,
            "ce-source": "rapport.shop",
            "ce-subject": str(about or uuid4()),
            "ce-time": "2026-01-02T03:04:05Z",
            "tenant-id": str(tenant),
            "aggregate-version": str(number),
            "actor": "service:shop",
        }
        usual.update({name.replace("_", "-"): value for name, value in headers.items()})
        given = {name: value for name, value in usual.items() if value is not None}
        self.publish_raw(subject, SoldMessage(number=number).SerializeToString(), given)

    def publish_raw(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        """Publish anything."""

        async def look(js: JetStreamContext, _: Client) -> None:
            await js.publish(subject, payload, headers=headers)

        self.observe(look)

    def close_running(self) -> None:
        """Stop the relays and consumers that were started here."""
        for part in self._running:
            part.stop(5)
        self._running.clear()

    def close_consumers(self) -> None:
        """Stop the consumers that were started here, and leave the relays."""
        for part in self._running:
            if isinstance(part, ConsumerGroup):
                part.stop(5)

    def close(self) -> None:
        """Stop what the test has started, and give all connections back."""
        self.close_running()
        for site in (self.shop, self.office):
            site.close()


@contextmanager
def make_world(server: PostgresServer, broker: NatsServer) -> Iterator[World]:
    """A world of its own for one test, provisioned."""
    world = World(server, broker)
    try:
        world.provision()
        yield world
    finally:
        world.close()
