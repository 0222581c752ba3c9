"""The audit log at work: whatever any service says on the bus becomes an entry, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.context import PLATFORM
from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus, running_bus
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from identity.app import build
from identity.description import DESCRIPTION
from identity.settings import IdentitySettings
from identity.transaction import IdentityTx
from rapport.contacts.events.v1.person_events_pb2 import PersonArchived, PersonCreated
from rapport.identity.events.v1.platform_events_pb2 import SigningKeyCreated

from ..builders import organisation
from ..fakes import FakeMailer
from .conftest import Log


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """A broker with identity's consumers."""
    folder: Path = tmp_path_factory.mktemp("nats")
    with running_bus(folder, DESCRIPTION) as running:
        yield running


@pytest.fixture(scope="module")
def log(
    postgres: PostgresServer, bus: Bus, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Log]:
    """The log of a tenant, with identity's relay and consumers at work."""
    database = migrated_database(postgres, "identity", DESCRIPTION.migrations, "identity_on_bus")
    more = {
        "key_encryption_secret": "a key of the tests that is long enough",
        "password_memory_kib": 1_024,
        "service_clients": "{}",
    }
    settings = IdentitySettings(**settings_for(database, **more, **bus.settings))
    service = build(settings, keys=tokens.key_source(), access=access, mailer=FakeMailer())
    service.start(["worker"])
    harness: ServiceHarness[IdentityTx] = ServiceHarness(service, tokens, access)
    yield Log(harness, database, tenant_id=organisation(harness).tenant_id)
    service.stop()


def test_facts_of_identity_itself_and_of_others_become_entries_with_one_chain(
    bus: Bus, log: Log
) -> None:
    people = [uuid4() for _ in range(20)]
    for person in people:
        bus.say(PersonCreated(person_id=str(person)), log.tenant_id, person)
        bus.say(PersonArchived(person_id=str(person)), log.tenant_id, person, version=2)
    whole = eventually(lambda: settled(bus, log, 40), 30)

    actions = [entry["action"].rpartition(".")[2] for entry in whole]
    assert actions.count("PersonCreated") == actions.count("PersonArchived") == 20
    assert "TenantCreated" in actions
    assert [entry["number"] for entry in whole] == list(range(1, len(whole) + 1))
    assert log.verify().broken is None
    for person in people:
        told = [entry["action"] for entry in whole if entry["record_id"] == str(person)]
        assert [action.rpartition(".")[2] for action in told] == ["PersonCreated", "PersonArchived"]


def settled(bus: Bus, log: Log, of_people: int) -> list[dict[str, Any]]:
    """All entries, once those of people are there and nothing waits any more; none before."""
    if not bus.is_settled():
        return []
    entries = log.entries("sort=number&page_size=200")
    told = [entry for entry in entries if ".Person" in entry["action"]]
    return entries if len(told) == of_people else []


def test_a_tenant_that_identity_does_not_know_is_audited_too(bus: Bus, log: Log) -> None:
    person = uuid4()
    other = Log(log.identity, log.database)
    bus.say(PersonCreated(person_id=str(person)), other.tenant_id, person)
    (entry,) = eventually(lambda: other.entries(f"record_id={person}"))
    assert entry["number"] == 1


def test_the_key_that_identity_makes_at_its_start_is_in_the_operators_log(log: Log) -> None:
    operators = Log(log.identity, log.database, tenant_id=PLATFORM)
    action = SigningKeyCreated.DESCRIPTOR.full_name
    (entry,) = eventually(lambda: operators.entries(f"action={action}"), 30)
    assert entry["actor"] == "service:identity"
    assert entry["details"]["reason"] == "signing_key_reason_first"
    assert operators.verify().broken is None
