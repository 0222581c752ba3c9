"""Imports as an app makes them: uploaded in parts, completed, mapped, run by a worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.domain import Clock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.work.job_runner import JobRunner
from contacts.imports.jobs import import_jobs
from contacts.peers import Users
from contacts.transaction import ContactsTx
from services.contacts.tests.fakes import FakeUsers

Contacts = ServiceHarness[ContactsTx]
IMPORTS, PEOPLE, JOBS = "/v1/contacts/imports", "/v1/contacts/people", "/v1/contacts/jobs"
_MOST_JOBS = 50


class Importing:
    """One caller's imports, and the worker that does them when the test says so."""

    def __init__(
        self,
        contacts: Contacts,
        client: ApiClient,
        *,
        users: Users | None = None,
        batch: int = 1000,
        clock: Clock | None = None,
    ) -> None:
        self.contacts, self.client = contacts, client
        service = contacts.service
        clock = clock or service.clock
        handlers = import_jobs(service.operations, users or FakeUsers(), clock, batch=batch)
        self.worker = JobRunner(service.database, "contacts", handlers, clock)

    def begin(self, **options: Any) -> str:
        """A new import's address."""
        answer = self.client.post(IMPORTS, {"name": "people", **options})
        assert answer.status_code == 201, answer.text
        return f"{IMPORTS}/{answer.json['id']}"

    def part(self, address: str, number: int, content: bytes, **query: str) -> ApiAnswer:
        """Send a part."""
        return self.client.put(
            f"{address}/parts/{number}",
            data=content,
            headers={"Content-Type": "application/octet-stream"},
            environ_overrides={"CONTENT_LENGTH": str(len(content))},
            query_string=query,
        )

    def upload(self, content: bytes, **options: Any) -> str:
        """Begin an import with this file in one part, and have it looked at."""
        address = self.begin(**options)
        assert self.part(address, 1, content).status_code == 200
        answer = self.client.post(f"{address}/complete")
        assert answer.status_code in (200, 202), answer.text
        return address

    def map(self, address: str, columns: dict[str, str], **plan: Any) -> None:
        """Say what the columns are; `emails@work` has a label."""
        stated = [
            {"column": name, "field": field.partition("@")[0], "label": field.partition("@")[2]}
            for name, field in columns.items()
        ]
        answer = self.client.put(f"{address}/mapping", {"columns": stated, **plan})
        assert answer.status_code == 200, answer.text

    def start(self, address: str, *, dry: bool = False) -> str:
        """Ask for a run; gives the job's address."""
        answer = self.client.post(f"{address}/run?dry_run={'true' if dry else 'false'}")
        assert answer.status_code == 202, answer.text
        assert answer.headers["Location"] == f"{JOBS}/{answer.json['id']}"
        return answer.headers["Location"]

    def work(self, job: str) -> dict[str, Any]:
        """Have the worker do jobs until this one has ended; gives the job."""
        found: dict[str, Any] = {}
        for _ in range(_MOST_JOBS):
            found = self.client.get(job).json
            if found["state"] in ("succeeded", "failed", "cancelled"):
                return found
            self.worker.run_next()
        raise AssertionError(f"the job has not ended: {found}")

    def run(self, address: str, *, dry: bool = False) -> dict[str, Any]:
        """Run an import to its end; gives the run's counts."""
        job = self.work(self.start(address, dry=dry))
        assert job["state"] == "succeeded", job
        return self.last_run(address)

    def last_run(self, address: str) -> dict[str, Any]:
        run: dict[str, Any] = self.get(address)["runs"][0]
        return run

    def undo(self, address: str) -> dict[str, Any]:
        """Undo an import; gives the job."""
        answer = self.client.post(f"{address}/undo")
        assert answer.status_code == 202, answer.text
        return self.work(answer.headers["Location"])

    def get(self, address: str) -> dict[str, Any]:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def rows(self, address: str, **query: str) -> list[dict[str, Any]]:
        """All pages of the report."""
        return self._all(f"{address}/rows", query)

    def people(self, **query: str) -> list[dict[str, Any]]:
        """Everybody, in the order of their names."""
        return self._all(PEOPLE, {"sort": "full_name", **query})

    def _all(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: str | None = None
        while True:
            paging = {"page_size": "200", **({"page_token": token} if token else {})}
            answer = self.client.get(path, query_string={**query, **paging})
            assert answer.status_code == 200, answer.text
            found += answer.json["items"]
            token = answer.json["next_page_token"]
            if token is None:
                return found

    def codes(self, address: str) -> dict[int, list[str]]:
        """Of each row in the report, the codes of the reasons."""
        return {row["row"]: [r["code"] for r in row["reasons"]] for row in self.rows(address)}

    def facts(self, name: str) -> list[bytes]:
        """The payloads of the facts of this name."""
        tenant: UUID | None = self.client.tenant_id
        assert tenant is not None
        return [p for kind, p in self.contacts.facts(tenant) if kind.endswith(f".{name}")]


@pytest.fixture
def importing(contacts: Contacts) -> Importing:
    """An app with every permission, in a tenant of its own."""
    return Importing(contacts, contacts.app_client(contacts.new_tenant()))
