"""An audit log with facts in it, and the login that owns its tables and can spoil it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.context import service_caller
from chassis.events.reactions import Envelope, RawFact
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase
from identity.audit.operations import keep_facts
from identity.audit.verification import Verification, verify
from identity.transaction import IdentityTx
from rapport.contacts.events.v1.person_events_pb2 import PersonChanged

ENTRIES = "/v1/identity/audit-entries"
CHANGED = "rapport.contacts.events.v1.PersonChanged"
BEGAN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

_GUARDS_OFF = """
ALTER TABLE audit_entries DISABLE TRIGGER USER; ALTER TABLE audit_heads DISABLE TRIGGER USER
"""
_GUARDS_ON = """
ALTER TABLE audit_entries ENABLE TRIGGER USER; ALTER TABLE audit_heads ENABLE TRIGGER USER
"""


@dataclass
class Log:
    """One tenant's audit log, filled as the consumer fills it."""

    identity: ServiceHarness[IdentityTx]
    database: TestDatabase
    tenant_id: UUID = field(default_factory=uuid4)
    said: int = 0

    def fact(self, **about: Any) -> RawFact:
        """A change of a person; each happened a second after the one before."""
        person = about.pop("aggregate_id", None) or uuid4()
        payload = about.pop("payload", None)
        message = PersonChanged(person_id=str(person), changed_fields=["emails"])
        self.said += 1
        known = {
            "id": uuid4(),
            "type": CHANGED,
            "tenant_id": self.tenant_id,
            "aggregate_id": person,
            "aggregate_version": 2,
            "actor": "client:shop",
            "occurred_at": BEGAN + timedelta(seconds=self.said),
            "traceparent": None,
        }
        envelope = Envelope(**{**known, **about})
        return RawFact(message.SerializeToString() if payload is None else payload, envelope)

    def keep(self, *facts: RawFact) -> int:
        """Add entries for these facts, in one transaction."""
        caller = service_caller("identity", self.tenant_id)
        return self.identity.service.operations.run(caller, keep_facts, facts)

    def fill(self, count: int) -> None:
        """Add so many entries."""
        self.keep(*(self.fact() for _ in range(count)))

    def verify(self, **options: Any) -> Verification:
        """Verify the chain."""
        caller = service_caller("identity", self.tenant_id)
        read = partial(self.identity.service.operations.read, caller, EVERYTHING)
        return verify(read, **options)

    def client(self, *scopes: str) -> ApiClient:
        """An external app of the tenant."""
        return self.identity.app_client(self.tenant_id, *scopes)

    def entries(self, query: str = "sort=number") -> list[dict[str, Any]]:
        """The entries of a list."""
        answer = self.client().get(f"{ENTRIES}?{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json["items"]
        return items

    def as_owner(self, *statements: LiteralString, guarded: bool = False, **values: Any) -> None:
        """Run statements as the login that owns the tables; `%(t)s` stands for the tenant.

        Unless `guarded` it first takes the guards away, as only the owner can.
        """
        with psycopg.connect(self.database.owner_url) as connection:
            if not guarded:
                connection.execute(_GUARDS_OFF)
            for statement in statements:
                connection.execute(statement, {"t": self.tenant_id, **values})
            if not guarded:
                connection.execute(_GUARDS_ON)


@pytest.fixture
def log(identity: ServiceHarness[IdentityTx], database: TestDatabase) -> Log:
    """The empty audit log of a tenant of the test's own."""
    return Log(identity, database)
