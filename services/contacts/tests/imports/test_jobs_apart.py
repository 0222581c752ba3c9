"""Imports and exports run in a process of their own, so that nobody waits for them who need not (decision 0015)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import psutil
import pytest

from chassis.embedded.processes import free_port
from chassis.testing.harness import ServiceHarness
from chassis.testing.waiting import eventually
from chassis.work.job_runner import JobRunner
from contacts.app import build
from contacts.duplicates.watching import Comparing
from contacts.imports.operations import RUN
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

from ..fakes import FakeUsers
from .conftest import Importing
from .tables import csv_of, numbered

Contacts = ServiceHarness[ContactsTx]
COLUMNS = {"full_name": "full_name", "external_id:erp": "external_id:erp"}
LEAST = 19
"""As nice as a process can be."""
STARTED = 60
"""Seconds that a process may take to start on a machine that does other things, too."""


@pytest.fixture
def importing(contacts: Contacts) -> Importing:
    """An app of a tenant of its own; its jobs are done by whoever has that role."""
    return Importing(contacts, contacts.app_client(uuid4()))


def queued(importing: Importing, first: int = 0) -> str:
    """A job that waits; gives its address."""
    address = importing.upload(csv_of(numbered(3, first)))
    importing.map(address, COLUMNS, key="external_id:erp")
    return importing.start(address)


def has_ended(importing: Importing, job: str) -> bool:
    """Whether it has, and well."""
    found = importing.client.get(job).json
    assert found["state"] in ("queued", "running", "succeeded"), found
    return bool(found["state"] == "succeeded")


def test_whoever_has_the_role_does_the_jobs_and_says_how_it_is_doing(importing: Importing) -> None:
    settings = importing.contacts.service.settings
    assert isinstance(settings, ContactsSettings)
    service = build(settings, users=FakeUsers())
    job = queued(importing)
    app = service.start(["jobs"])
    try:
        eventually(lambda: has_ended(importing, job), 30)
        client = app.test_client()
        ready = client.get("/readyz/jobs")
        assert ready.status_code == 200
        parts = {JobRunner.__name__: True, Comparing.__name__: True}
        assert ready.get_json()["checks"] == {"database": True, **parts}
        for role in ("api", "worker"):
            assert client.get(f"/readyz/{role}").status_code == 404
        assert client.get("/v1/contacts/people").status_code == 404
    finally:
        service.stop()


def test_whoever_answers_requests_or_works_has_no_part_that_does_jobs(
    importing: Importing,
) -> None:
    settings = importing.contacts.service.settings
    assert isinstance(settings, ContactsSettings)
    service = build(settings, users=FakeUsers())
    app = service.start(["worker"])
    try:
        checks = app.test_client().get("/readyz").get_json()["checks"]
        assert "PeriodicRunner" in checks
        assert JobRunner.__name__ not in checks
    finally:
        service.stop()


@contextmanager
def serving(importing: Importing) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`serve --roles jobs` beside the same database; gives the process and its address."""
    settings, port = importing.contacts.service.settings, free_port()
    given = settings.model_dump(exclude_none=True, exclude_defaults=True)
    variables = {
        f"RAPPORT_{name.upper()}": value.get_secret_value()
        if hasattr(value, "get_secret_value")
        else str(value)
        for name, value in {**given, "http_port": port}.items()
    }
    command = [sys.executable, "-m", "contacts", "serve", "--roles", "jobs"]
    # Whatever else runs in this process may have set variables for programs of its own.
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    environment = {**own, **variables}
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            eventually(lambda: is_ready(address), STARTED)
            yield process, address
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz/jobs", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def at_work(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The process below the guardian that does the work."""
    children = psutil.Process(process.pid).children()
    return max(children, key=lambda one: one.memory_info().rss)


def test_the_process_gives_way_comes_back_when_it_is_killed_and_stops_when_it_is_told(
    importing: Importing,
) -> None:
    with serving(importing) as (process, address):
        first = at_work(process)
        assert first.nice() == min(psutil.Process(process.pid).nice() + 10, LEAST)
        first.kill()
        psutil.wait_procs([first], timeout=30)
        eventually(lambda: is_ready(address), STARTED)
        assert at_work(process).pid != first.pid

        job = queued(importing)
        eventually(lambda: has_ended(importing, job), 30)
        assert len(importing.people()) == 3
        told = httpx.get(f"{address}/metrics", timeout=5).text
        assert f'jobs_ended_total{{kind="{RUN}",state="succeeded"}} 1.0' in told

        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
