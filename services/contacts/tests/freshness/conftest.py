"""A tenant whose contact points age, at a time that the test says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.contact_points.reaching import points_of
from contacts.interactions.signs_of_life import SignOfLife, note_sign_of_life
from contacts.people.point_status import note_bounce
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE, person

SETTINGS = "/v1/contacts/freshness-settings"


@dataclass(frozen=True)
class Aging:
    """What an app does with people, and the clock by which they age."""

    contacts: ServiceHarness[ContactsTx]
    client: ApiClient
    clock: MovableClock

    def enter(self, name: str, *, email: str = "", phone: str = "", **more: Any) -> str:
        """Enter a person; gives the id."""
        if email:
            more["emails"] = [{"address": email}]
        if phone:
            more["phones"] = [{"number": phone}]
        return person(self.client, name, **more)

    def points(self, person_id: str) -> dict[str, dict[str, Any]]:
        """How fresh the contact points of a person are, by their values."""
        answer = self.client.get(f"{PEOPLE}/{person_id}/contact-points")
        assert answer.status_code == 200, answer.text
        return {point["value"]: point for point in answer.json["items"]}

    def score(self, person_id: str, value: str) -> int:
        """The score of a contact point."""
        return int(self.points(person_id)[value]["score"])

    def status(self, person_id: str, value: str) -> str:
        """The status of a contact point by now."""
        return str(self.points(person_id)[value]["status"])

    def put(self, person_id: str, value: str, status: str, **more: Any) -> ApiAnswer:
        """Note what was found out about a contact point."""
        point = self.points(person_id)[value]["id"]
        path = f"{PEOPLE}/{person_id}/contact-points/{point}/status"
        return self.client.put(path, {"status": status}, **more)

    def see(self, person_id: str, channel: str) -> None:
        """Have a person be seen on a channel right now."""
        sign = SignOfLife(UUID(person_id), channel, self.clock.now(), "visit", uuid4())
        self.run(lambda tx: note_sign_of_life(tx, sign))

    def bounce(self, person_id: str) -> None:
        """Have nothing reach a person at any contact point any more."""
        who = UUID(person_id)

        def note(tx: ContactsTx) -> None:
            for point in points_of(tx.people.get(who).details):
                note_bounce(tx, who, point.id_of(who))

        self.run(note)

    def run(self, operation: Any) -> None:
        """Do something in the service's own name."""
        assert self.client.tenant_id is not None
        caller = service_caller("contacts", self.client.tenant_id)
        self.contacts.service.operations.run(caller, operation)

    def going_silent(self, query: str = "within_days=30") -> list[str]:
        """The names of those who are about to be lost."""
        answer = self.client.get(f"{PEOPLE}/going-silent?{query}")
        assert answer.status_code == 200, answer.text
        return [one["full_name"] for one in answer.json["items"]]

    def listed(self, query: str) -> set[str]:
        """The names of the people in a list."""
        answer = self.client.get(f"{PEOPLE}?{query}")
        assert answer.status_code == 200, answer.text
        return {one["full_name"] for one in answer.json["items"]}


@pytest.fixture
def aging(
    contacts: ServiceHarness[ContactsTx], tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Aging]:
    """The service over the same database, with a clock that the test moves, in a tenant of its own."""
    assert isinstance(contacts.service.settings, ContactsSettings)
    clock = MovableClock(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2))
    service = build(contacts.service.settings, clock=clock, keys=tokens.key_source(), access=access)
    harness = ServiceHarness(service, tokens, access)
    tenant_id, exp = harness.new_tenant(), int(clock.now().timestamp()) + 3_000 * 86_400
    token = tokens.sign(sub="app", client_id="app", tid=str(tenant_id), scope="*", exp=exp)
    yield Aging(harness, ApiClient(harness.app, token, tenant_id), clock)
    service.stop()
