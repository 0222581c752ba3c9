"""A tenant that asks its people one question at a time, at a time that the test says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.contact_points.reaching import points_on
from contacts.people.point_status import note_bounce
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE

QUESTIONS = "/v1/contacts/profile-questions"


def body(key: str = "birthday", **more: Any) -> dict[str, Any]:
    """A question that can be."""
    asks_for = "important_dates.birthday"
    text = {"en": "When is your birthday?", "zh-Hant": "您的生日是哪一天？"}
    return {"key": key, "asks_for": asks_for, "text": text, "purposes": ["offers"], **more}


@dataclass(frozen=True)
class Asking:
    """What an app does that asks people, and the clock that it asks by."""

    contacts: ServiceHarness[ContactsTx]
    client: ApiClient
    clock: MovableClock

    def question(self, key: str = "birthday", **more: Any) -> str:
        """Define a question; gives the id."""
        answer = self.client.post(QUESTIONS, body(key, **more))
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def note(self, person_id: str, question_id: str, **more: Any) -> ApiAnswer:
        """Note that a person was asked."""
        told = {"question_id": question_id, "purpose": "offers", **more}
        return self.client.post(f"{PEOPLE}/{person_id}/asked-questions", told)

    def next(self, person_id: str, purpose: str = "offers", pause_hours: int = 0) -> dict[str, Any]:
        """What is worth asking."""
        query = f"purpose={purpose}&pause_hours={pause_hours}"
        answer = self.client.get(f"{PEOPLE}/{person_id}/next-question?{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def key(self, person_id: str, **more: Any) -> str | None:
        """The key of what is worth asking."""
        question = self.next(person_id, **more)["question"]
        return None if question is None else str(question["key"])

    def passed_over(self, person_id: str) -> dict[str, str]:
        """Why questions are not asked, by their keys."""
        return {each["key"]: each["reason"] for each in self.next(person_id)["passed_over"]}

    def bounce(self, person_id: str) -> None:
        """Have the e-mail addresses of a person take no messages any more."""
        who, tenant_id = UUID(person_id), self.client.tenant_id
        assert tenant_id is not None

        def note(tx: ContactsTx) -> None:
            for point in points_on(tx.people.get(who).details, "email"):
                note_bounce(tx, who, point.id_of(who))

        self.contacts.service.operations.run(service_caller("contacts", tenant_id), note)

    def facts(self, name: str) -> list[bytes]:
        """The payloads of the tenant's facts of a type."""
        assert self.client.tenant_id is not None
        found = self.contacts.facts(self.client.tenant_id)
        return [payload for kind, payload in found if kind.endswith(f".{name}")]


@pytest.fixture
def asking(
    contacts: ServiceHarness[ContactsTx], tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Asking]:
    """The service over the same database, with a clock that the test moves, in a tenant of its own."""
    assert isinstance(contacts.service.settings, ContactsSettings)
    clock = MovableClock(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2))
    service = build(contacts.service.settings, clock=clock, keys=tokens.key_source(), access=access)
    harness = ServiceHarness(service, tokens, access)
    tenant_id, exp = harness.new_tenant(), int(clock.now().timestamp()) + 400 * 86_400
    token = tokens.sign(sub="app", client_id="app", tid=str(tenant_id), scope="*", exp=exp)
    yield Asking(harness, ApiClient(harness.app, token, tenant_id), clock)
    service.stop()
