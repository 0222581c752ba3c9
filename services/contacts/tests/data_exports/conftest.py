"""A tenant that exports what is known of people, with services that answer as the test says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.domain import Invalid, Unavailable
from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import (
    ServiceHarness,
    TestDatabase,
    migrated_database,
    settings_for,
)
from chassis.testing.tokens import TestTokens
from chassis.work.job_runner import JobRunner
from contacts.app import build
from contacts.data_exports.domain import require_file_name
from contacts.data_exports.running import ExportLimits, export_jobs
from contacts.data_exports.sources import OwnPersonalData, Page, PersonalDataSource
from contacts.data_exports.storage import ExportPiece
from contacts.description import DESCRIPTION
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.fakes import FakeUsers

EXPORTS = "/v1/contacts/data-exports"
JOBS = "/v1/contacts/jobs"


@dataclass
class FakeSource:
    """A service that tells these pages, each once it is up."""

    name: str
    pages: list[list[ExportPiece]] = field(default_factory=lambda: [[]])
    is_up: bool = True
    outdated: int = 0
    asked: list[tuple[tuple[UUID, ...], str]] = field(default_factory=list)

    def page(self, caller: Caller, people: Sequence[UUID], page_token: str) -> Page:
        """The page; its token is its number."""
        assert caller.tenant_id is not None
        self.asked.append((tuple(people), page_token))
        if not self.is_up:
            raise Unavailable(f"{self.name} does not answer now.", code="peer_unavailable")
        if page_token and self.outdated:
            self.outdated -= 1
            message = "The service keeps other things now."
            raise Invalid.at("page_token", "page_token_outdated", message)
        number = int(page_token or 0)
        for piece in self.pages[number]:
            require_file_name(self.name, piece.file)
        return Page(self.pages[number], str(number + 1) if number + 1 < len(self.pages) else "")


def lines(file: str, *records: dict[str, Any]) -> ExportPiece:
    """Records as a service tells them."""
    content = b"".join(orjson.dumps(one) + b"\n" for one in records)
    return ExportPiece(file, content, len(records))


@dataclass
class Exporting:
    """One caller's exports, and the worker that does them when the test says so."""

    contacts: ServiceHarness[ContactsTx]
    client: ApiClient
    clock: MovableClock
    others: dict[str, FakeSource | None]
    most_bytes: int = 50 * 2**20

    def worker(self) -> JobRunner:
        """Whoever runs the jobs."""
        service = self.contacts.service
        sources: dict[str, PersonalDataSource | None] = {
            "contacts": OwnPersonalData(service.operations),
            **self.others,
        }
        limits = ExportLimits(timedelta(days=7), self.most_bytes)
        handlers = export_jobs(service.operations, sources, limits, self.clock)
        return JobRunner(service.database, "contacts", handlers, self.clock)

    def ask(self, person_id: str, **headers: str) -> ApiAnswer:
        """Ask for all that is known of a person."""
        return self.client.post(f"{PEOPLE}/{person_id}/data-exports", headers=headers)

    def begin(self, person_id: str) -> str:
        """The address of an export that is begun."""
        answer = self.ask(person_id)
        assert answer.status_code == 202, answer.text
        return str(answer.headers["Location"])

    def work(self, times: int = 1) -> None:
        """Have the worker look for jobs, after any pause that they make."""
        for _ in range(times):
            self.worker().run_next()
            self.clock.move(timedelta(minutes=10))

    def get(self, address: str) -> dict[str, Any]:
        """How an export stands."""
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def archive(self, address: str) -> zipfile.ZipFile:
        """The archive, downloaded."""
        answer = self.client.get(f"{address}/archive")
        assert answer.status_code == 200, answer.text
        return zipfile.ZipFile(io.BytesIO(answer.data))

    def facts(self, name: str) -> list[bytes]:
        """The payloads of the tenant's facts of a type."""
        assert self.client.tenant_id is not None
        found = self.contacts.facts(self.client.tenant_id)
        return [payload for kind, payload in found if kind.endswith(f".{name}")]


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves; it starts now, since tokens are of now."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture(scope="module")
def apart(postgres: PostgresServer) -> TestDatabase:
    """A database whose jobs nobody else does."""
    return migrated_database(postgres, "contacts", DESCRIPTION.migrations, "contacts_data_exports")


@pytest.fixture
def exporting(
    apart: TestDatabase, tokens: TestTokens, access: FakeAccessSource, clock: MovableClock
) -> Iterator[Exporting]:
    """Exporting in a tenant of its own; loyalty is not deployed."""
    settings = ContactsSettings(**settings_for(apart))
    service = build(
        settings, clock=clock, keys=tokens.key_source(), access=access, users=FakeUsers()
    )
    contacts = ServiceHarness(service, tokens, access)
    others = {name: FakeSource(name) for name in ("sales", "desk", "notifications", "identity")}
    tenant, app = contacts.new_tenant(), {"sub": "app", "client_id": "app", "scope": "*"}
    expires = int((clock.now() + timedelta(days=365)).timestamp())
    client = ApiClient(contacts.app, tokens.sign(tid=str(tenant), exp=expires, **app), tenant)
    yield Exporting(contacts, client, clock, {**others, "loyalty": None})
    service.stop()
