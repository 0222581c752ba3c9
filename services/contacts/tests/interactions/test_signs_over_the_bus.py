"""From an app's report over outbox, relay, broker and consumer to sign of life and timeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

from .conftest import INTERACTIONS, PEOPLE


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
    database = migrated_database(postgres, "contacts", DESCRIPTION.migrations, "contacts_on_a_bus")
    settings = ContactsSettings(**settings_for(database, **bus.settings))
    service = build(settings, keys=tokens.key_source(), access=access)
    service.start(["worker"])
    harness = ServiceHarness(service, tokens, access)
    yield harness.app_client(harness.new_tenant())
    service.stop()


def test_what_people_do_shows_when_they_were_last_seen_and_on_the_timeline(
    working: ApiClient, bus: Bus
) -> None:
    person = working.post(PEOPLE, {"full_name": "王小明"}).json["id"]
    path = f"{PEOPLE}/{person}"

    def done(kind: str, channel: str, day: int) -> dict[str, Any]:
        when = f"2026-03-{day:02}T12:00:00Z"
        return {"kind": kind, "channel": channel, "person": {"id": person}, "occurred_at": when}

    reports = [
        done("click", "email", 9),
        done("visit", "web", 3),
        done("visit", "web", 2),
        done("returned_mail", "post", 20),
    ]
    answer = working.post(f"{INTERACTIONS}/batch", {"items": reports[:3]})
    assert answer.json["failed"] == 0
    assert working.post(INTERACTIONS, reports[3]).status_code == 201
    assert working.tenant_id is not None
    tenant_id = working.tenant_id
    eventually(lambda: working.get(path).json["last_seen_at"] == "2026-03-09T12:00:00Z")
    eventually(lambda: len(bus.facts(tenant_id)) == 5 and bus.is_settled())
    assert working.get(path).json["last_seen_at"] == "2026-03-09T12:00:00Z"
    signs = working.get(f"{path}/signs-of-life").json["items"]
    assert [(s["channel"], s["kind"], s["seen_at"][:10]) for s in signs] == [
        ("email", "click", "2026-03-09"),
        ("web", "visit", "2026-03-03"),
    ]
    entries = working.get(f"{path}/timeline").json["items"]
    assert [(entry["kind"], entry["channel"]) for entry in entries] == [
        ("returned_mail", "post"),
        ("click", "email"),
        ("visit", "web"),
        ("visit", "web"),
    ]
