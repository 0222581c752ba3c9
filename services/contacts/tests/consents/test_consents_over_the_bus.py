"""A consent's way over outbox, relay and broker, and back: the request goes out, a no comes in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus, running_bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from contacts.app import build
from contacts.description import DESCRIPTION
from contacts.settings import ContactsSettings
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from rapport.notifications.events.v1.message_events_pb2 import Unsubscribed
from services.contacts.tests.builders import PEOPLE, person


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    """A broker that is provisioned for contacts."""
    with running_bus(tmp_path / "nats", DESCRIPTION) as running:
        yield running


@pytest.fixture
def working(
    postgres: PostgresServer, bus: Bus, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[ApiClient]:
    """An app of the service at work, with a database of its own: its relay sees all tenants."""
    database = migrated_database(postgres, "contacts", DESCRIPTION.migrations, "consents_on_a_bus")
    settings = ContactsSettings(**settings_for(database, **bus.settings))
    service = build(settings, keys=tokens.key_source(), access=access)
    service.start(["worker"])
    harness = ServiceHarness(service, tokens, access)
    yield harness.app_client(harness.new_tenant())
    service.stop()


def test_the_request_for_a_confirmation_goes_out_and_a_no_comes_in(
    working: ApiClient, bus: Bus
) -> None:
    ada = person(working, emails=[{"address": "a@rapport.dev"}])
    path = f"{PEOPLE}/{ada}/consents/newsletter/email"
    working.put(path, {"state": "granted", "source": "web form"})
    assert working.tenant_id is not None
    tenant_id = working.tenant_id

    def requests() -> list[SendMessage]:
        subject = SendMessage.DESCRIPTOR.full_name
        told = bus.facts(tenant_id)
        return [SendMessage.FromString(payload) for kind, payload in told if kind == subject]

    eventually(lambda: len(requests()) == 1)
    (sent,) = requests()
    assert sent.request.person_id == ada
    bus.say(
        Unsubscribed(person_id=ada, channel="email"), tenant_id, UUID(working.get(path).json["id"])
    )
    eventually(lambda: working.get(path).json["state"] == "withdrawn")
