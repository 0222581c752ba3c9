"""Work that is met in the middle: where it comes to somebody whom another transaction holds, it waits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import sqlalchemy as sa
from pydantic import SecretStr

from chassis.testing.waiting import eventually
from contacts.people.storage import people, person_external_ids
from services.contacts.tests.imports.conftest import Contacts, Importing


@contextmanager
def held(importing: Importing, person_id: str) -> Iterator[None]:
    """Somebody else has this person in hand until the block ends."""
    tenant = importing.client.tenant_id
    with importing.contacts.service.database.tenant_transaction(tenant) as connection:
        found = sa.select(people.c.id).where(people.c.tenant_id == tenant, people.c.id == person_id)
        connection.execute(found.with_for_update()).one()
        yield


@contextmanager
def working_until(importing: Importing, person_id: str) -> Iterator[None]:
    """The worker begins the next job, and goes on from this person when the block ends."""
    with ThreadPoolExecutor(1) as threads, held(importing, person_id):
        worked = threads.submit(importing.worker.run_next)
        yield
    worked.result()


@contextmanager
def given_away(
    importing: Importing, system: str, external_id: str, person_id: str
) -> Iterator[None]:
    """The worker begins the next job while somebody gives this person an external id.

    It is given for good when the block ends, which is after the worker has begun to wait for it.
    """
    tenant = importing.client.tenant_id
    row = {"tenant_id": tenant, "system": system, "id": external_id, "person_id": person_id}
    database = importing.contacts.service.database
    with ThreadPoolExecutor(1) as threads, database.tenant_transaction(tenant) as connection:
        connection.execute(sa.insert(person_external_ids).values(row))
        worked = threads.submit(importing.worker.run_next)
        eventually(lambda: connection.execute(_SOMEBODY_WAITS).scalar())
        yield
    worked.result()


_SOMEBODY_WAITS = sa.text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


@contextmanager
def worker_process(contacts: Contacts, batch: int) -> Iterator[subprocess.Popen[str]]:
    """A process that does the next job and tells its peak memory; killed when the block ends."""
    told = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in contacts.service.settings
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.contacts.tests.imports.worker", str(batch)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            yield process
        finally:
            process.kill()
