"""Webhooks under test: a service whose clock and sender the test moves, and apps that receive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from google.protobuf.message import Message

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.domain import Unavailable
from chassis.embedded.postgres import PostgresServer
from chassis.events.reactions import Envelope, RawFact
from chassis.service import Service
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from chassis.work.periodic import PeriodicWork
from notifications.app import build
from notifications.description import DESCRIPTION
from notifications.feed.operations import store_facts
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.signals import Signals
from notifications.transaction import NotificationsTx
from notifications.webhooks.sender import WebhookSender
from notifications.webhooks.wiring import wire_webhooks
from rapport.contacts.events.v1 import person_events_pb2

from ..conftest import OWN_SETTINGS
from .receiver import Receiver, running_receiver

WEBHOOKS = "/v1/notifications/webhooks"
PERSON_CREATED = "rapport.contacts.events.v1.PersonCreated"


@dataclass
class FakeUserRoles:
    """Says which roles users have, as the test has it; stands in for identity."""

    roles: dict[UUID, tuple[list[UUID], int]] = field(default_factory=dict)

    def roles_of(self, tenant_id: UUID, user_id: UUID) -> tuple[list[UUID], int]:
        """The roles and the version."""
        del tenant_id
        if user_id not in self.roles:
            raise Unavailable("Identity does not answer now.")
        return self.roles[user_id]


@dataclass
class FakeAdministrators:
    """Says who administers which tenant, as the test has it; stands in for identity."""

    known: dict[UUID, list[UUID]] = field(default_factory=dict)

    def of(self, tenant_id: UUID) -> list[UUID]:
        """The administrators."""
        if tenant_id not in self.known:
            raise Unavailable("Identity does not answer now.")
        return self.known[tenant_id]


@dataclass
class World:
    """The service, its clock, and a sender that works only when the test says so."""

    service: Service[NotificationsTx]
    sender: WebhookSender
    clock: MovableClock
    tokens: TestTokens
    access: FakeAccessSource
    users: FakeUserRoles
    receiver: Receiver
    settings: NotificationsSettings
    administrators: FakeAdministrators
    telling: PeriodicWork

    def client(self, tenant_id: UUID, *scopes: str, client_id: str = "test-app") -> ApiClient:
        """An app with these permissions, whose token outlives all that clocks do here."""
        token = self.tokens.sign(
            sub=client_id,
            client_id=client_id,
            tid=str(tenant_id),
            scope=" ".join(scopes or ("*",)),
            exp=2**40,
        )
        return ApiClient(self.service.http.app, token, tenant_id)

    def user(self, tenant_id: UUID, user_id: UUID, *role_ids: UUID) -> ApiClient:
        """A user with these roles."""
        token = self.tokens.sign(
            sub=str(user_id),
            uid=str(user_id),
            client_id="test-console",
            sid=str(uuid4()),
            tid=str(tenant_id),
            scope="*",
            roles=[str(role_id) for role_id in role_ids],
            exp=2**40,
        )
        return ApiClient(self.service.http.app, token, tenant_id)

    def say(self, tenant_id: UUID, fact: Message, about: UUID, version: int = 1) -> UUID:
        """Have a fact arrive; gives its id."""
        kind = fact.DESCRIPTOR.full_name
        envelope = Envelope(
            id=self.service.ids.new(),
            type=kind,
            tenant_id=tenant_id,
            aggregate_id=about,
            aggregate_version=version,
            actor="service:test",
            occurred_at=self.clock.now(),
            traceparent=None,
        )
        raw = RawFact(fact.SerializeToString(), envelope)
        self.service.operations.run(service_caller("notifications", tenant_id), store_facts, [raw])
        return envelope.id

    def say_person(self, tenant_id: UUID, person_id: UUID | None = None) -> UUID:
        """Have contacts tell of a new person; gives the fact's id."""
        person_id = person_id or uuid4()
        fact = person_events_pb2.PersonCreated(person_id=str(person_id))
        return self.say(tenant_id, fact, person_id)

    def deliver(self) -> None:
        """Send all that is due, and wait until it is settled."""
        while self.sender.send_due() == 0:
            eventually(self.sender.is_idle)

    def move(self, **by: float) -> None:
        """Let time pass, and send what is due then."""
        self.clock.move(timedelta(**by))
        self.deliver()


def register(client: ApiClient, url: str, **more: Any) -> Any:
    """A new endpoint for new people; gives what the API answered."""
    body = {"url": url, "types": [PERSON_CREATED], **more}
    answer = client.post(WEBHOOKS, body)
    assert answer.status_code == 201, answer.text
    return answer.json


def log_of(client: ApiClient, endpoint: Any, query: str = "") -> Any:
    """The endpoint's deliveries, the newest first."""
    answer = client.get(f"{WEBHOOKS}/{endpoint['id']}/deliveries?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """The external app."""
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="session")
def webhook_world(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource, receiver: Receiver
) -> Iterator[World]:
    """A service of its own, without a bus."""
    database = migrated_database(postgres, "notifications", DESCRIPTION.migrations, "webhooks")
    settings = NotificationsSettings(**settings_for(database, **OWN_SETTINGS), webhook_seconds=1)
    clock, users = MovableClock(datetime.now(UTC)), FakeUserRoles()
    service = build(
        settings, clock=clock, keys=tokens.key_source(), access=access, user_roles=users
    )
    administrators = FakeAdministrators()
    webhooks = wire_webhooks(service, settings, Signals(), Secrecy(settings), users, administrators)
    works = {work.name: work for work in webhooks.works}
    yield World(
        service,
        webhooks.sender,
        clock,
        tokens,
        access,
        users,
        receiver,
        settings,
        administrators,
        works["tell of disabled webhooks"],
    )
    webhooks.sender.stop(5)
    service.stop()


@pytest.fixture
def world(webhook_world: World, postgres: PostgresServer) -> Iterator[World]:
    """The same for one test, which begins now and whose endpoints bother no later one."""
    webhook_world.clock.move(datetime.now(UTC) - webhook_world.clock.now())
    yield webhook_world
    with psycopg.connect(postgres.admin_dsn("webhooks"), autocommit=True) as superuser:
        superuser.execute("DELETE FROM webhook_deliveries WHERE state = 'waiting'")
        superuser.execute("DELETE FROM webhook_notices")
