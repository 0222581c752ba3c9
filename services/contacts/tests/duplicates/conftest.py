"""A tenant whose people are compared when the test says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.domain import Clock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.work.job_runner import JobRunner
from contacts.duplicates.finding import duplicate_jobs
from contacts.duplicates.watching import Comparing
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE

Contacts = ServiceHarness[ContactsTx]
PAIRS, SETTINGS = "/v1/contacts/duplicates", "/v1/contacts/duplicate-settings"
MERGES, JOBS = "/v1/contacts/merges", "/v1/contacts/jobs"


def birthday(day: str) -> list[dict[str, str]]:
    """The list of dates with this one in it."""
    return [{"kind": "birthday", "date": day}]


MARY: dict[str, Any] = {
    "given_name": "Mary",
    "family_name": "Wattson",
    "important_dates": birthday("1980-03-12"),
    "postal_addresses": [
        {"lines": ["7 Wattle Place"], "city": "Kingsholme", "postal_code": "2119", "country": "AU"}
    ],
}
"""Somebody of whom much is known; `mary` enters her, misspelt in one way or another."""


@dataclass(frozen=True)
class Duplicates:
    """What an app does about duplicates, and the workers that do what a test asks them to do."""

    contacts: Contacts
    client: ApiClient

    def enter(self, **details: Any) -> str:
        """Enter a person; gives the id."""
        return str(self.entered(**details)["id"])

    def entered(self, **details: Any) -> dict[str, Any]:
        """Enter a person; gives the whole answer."""
        answer = self.client.post(PEOPLE, details)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    def mary(self, **other: Any) -> str:
        """Enter Mary, with something else of her."""
        return self.enter(**{**MARY, **other})

    def change(self, person_id: str, **details: Any) -> None:
        answer = self.client.patch(f"{PEOPLE}/{person_id}", details)
        assert answer.status_code == 200, answer.text

    def compare(self) -> None:
        """Have all compared who wait for it."""
        comparing = Comparing(self.contacts.service.operations)
        while comparing.run_next() == 0:
            pass

    def pairs(self, **query: str) -> list[dict[str, Any]]:
        """Compare whoever waits; gives the pairs."""
        self.compare()
        return self.listed(**query)

    def listed(self, **query: str) -> list[dict[str, Any]]:
        answer = self.client.get(PAIRS, query_string=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json["items"]
        return items

    def pair(self) -> str:
        """The address of the one open pair that there is."""
        (pair,) = self.pairs()
        return f"{PAIRS}/{pair['id']}"

    def set(self, offer_from: float = 0.8, merge_from: float | None = None) -> None:
        answer = self.client.put(SETTINGS, {"offer_from": offer_from, "merge_from": merge_from})
        assert answer.status_code == 200, answer.text

    def act(self, address: str, verb: str, body: Any = None) -> ApiAnswer:
        return self.client.post(f"{address}/{verb}", body)

    def facts(self, name: str) -> list[bytes]:
        """The payloads of the tenant's facts of a type."""
        assert self.client.tenant_id is not None
        found = self.contacts.facts(self.client.tenant_id)
        return [payload for kind, payload in found if kind.endswith(f".{name}")]

    def find(self) -> str:
        """Ask for everybody to be compared; gives the job's address."""
        answer = self.client.post(f"{PAIRS}/find")
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    def worker(self, *, step: int = 200, clock: Clock | None = None) -> JobRunner:
        """Does one job when it is told to."""
        service = self.contacts.service
        jobs = duplicate_jobs(service.operations, step=step)
        return JobRunner(service.database, "contacts", jobs, clock or service.clock)


@pytest.fixture
def duplicates(contacts: Contacts) -> Duplicates:
    """Duplicates in a tenant of its own."""
    return Duplicates(contacts, contacts.app_client(contacts.new_tenant()))


@pytest.fixture
def clock(contacts: Contacts) -> MovableClock:
    """A clock that a worker may have instead of the service's."""
    return MovableClock(contacts.service.clock.now())
