"""A tenant whose people turn out to be fewer than they seemed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE

MERGES = "/v1/contacts/merges"


@dataclass(frozen=True)
class Merging:
    """What an app does to merge people, and what it sees of them."""

    contacts: ServiceHarness[ContactsTx]
    client: ApiClient

    def enter(self, name: str = "王小明", **details: Any) -> str:
        """Enter a person; gives the id."""
        answer = self.client.post(PEOPLE, {"full_name": name, **details})
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def person(self, person_id: str) -> dict[str, Any]:
        """A person as the API shows one; somebody merged as who was left."""
        answer = self.client.get(f"{PEOPLE}/{person_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def try_merge(self, survivor: str, merged: str, **fields: str) -> ApiAnswer:
        """Ask for a merge."""
        body = {"person_id": merged, "fields": fields}
        return self.client.post(f"{PEOPLE}/{survivor}/merge", body)

    def merge(self, survivor: str, merged: str, **fields: str) -> str:
        """Merge one person into another; gives the merge's id."""
        answer = self.try_merge(survivor, merged, **fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def undo(self, merge_id: str) -> dict[str, Any]:
        """Undo a merge."""
        answer = self.client.post(f"{MERGES}/{merge_id}/undo")
        assert answer.status_code == 200, answer.text
        undone: dict[str, Any] = answer.json
        return undone

    def facts(self, name: str) -> list[bytes]:
        """The payloads of the tenant's facts of a type."""
        assert self.client.tenant_id is not None
        found = self.contacts.facts(self.client.tenant_id)
        return [payload for kind, payload in found if kind.endswith(f".{name}")]


@pytest.fixture
def merging(contacts: ServiceHarness[ContactsTx]) -> Merging:
    """Merging in a tenant of its own."""
    return Merging(contacts, contacts.app_client(contacts.new_tenant()))
