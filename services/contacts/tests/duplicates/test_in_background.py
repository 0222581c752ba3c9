"""All people of a tenant are compared by a job, and whoever is entered or changed soon after by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from chassis.clock import MovableClock
from chassis.storage.tables import jobs
from chassis.testing.waiting import eventually
from contacts.people.storage import people
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import (
    JOBS,
    MARY,
    PAIRS,
    Contacts,
    Duplicates,
    birthday,
)

MIGRATION = Path(__file__).parents[2] / "migrations/versions/0021_likeness.py"


def forget_keys(duplicates: Duplicates) -> None:
    """Have people be as an older version has left them: without keys, and nobody waits."""
    tenant = duplicates.client.tenant_id
    database = duplicates.contacts.service.database
    with database.tenant_transaction(tenant) as connection:
        for table in ("person_match_keys", "people_to_compare", "duplicate_pairs"):
            connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
        connection.execute(sa.update(people).values(match_keys=[]))


def crowd(duplicates: Duplicates, count: int) -> list[str]:
    """People of different names, each of them twice."""
    items = []
    for number in range(count):
        name = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
        details = {**MARY, "family_name": f"W{name}son", "postal_addresses": []}
        day = birthday(f"19{number % 90 + 10}-0{number % 9 + 1}-1{number % 10}")
        items += [{**details, "important_dates": day}] * 2
    answer = duplicates.client.post(f"{PEOPLE}/batch", {"items": items})
    assert answer.json["failed"] == 0, answer.text
    return [item["id"] for item in answer.json["items"]]


def test_everybody_is_compared_those_of_an_older_version_too(duplicates: Duplicates) -> None:
    crowd(duplicates, 8)
    forget_keys(duplicates)
    assert duplicates.pairs() == []
    job = duplicates.find()
    duplicates.worker(step=5).run_next()
    done = duplicates.client.get(job).json
    assert done["state"] == "succeeded", done
    assert done["result"] == {"people": 16, "found": 8, "passed_over": 0, "merged": 0}
    assert (done["progress"]["done"], done["progress"]["total"]) == (16, 16)
    assert len(duplicates.listed()) == 8
    job = duplicates.find()
    duplicates.worker(step=5).run_next()
    assert duplicates.client.get(job).json["result"]["found"] == 0, "they were found before"


def test_whoever_was_there_before_there_were_keys_is_compared_by_itself(
    duplicates: Duplicates,
) -> None:
    crowd(duplicates, 8)
    forget_keys(duplicates)
    spec = spec_from_file_location("likeness", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)
    database = duplicates.contacts.service.database
    with database.tenant_transaction(duplicates.client.tenant_id) as connection:
        connection.execute(sa.text(migration.QUEUE))  # of this tenant alone
    assert len(duplicates.pairs()) == 8


def test_one_job_at_a_time(contacts: Contacts) -> None:
    one, other = (Duplicates(contacts, contacts.app_client(contacts.new_tenant())) for _ in "ab")
    job = one.find()
    refused = one.client.post(f"{PAIRS}/find")
    assert (refused.status_code, refused.json["code"]) == (409, "already_looking")
    assert job.removeprefix(f"{JOBS}/") in refused.json["detail"]
    assert other.find() != job, "another tenant's is its own affair"
    one.worker().run_next()
    other.worker().run_next()
    last = one.find()
    assert last != job
    assert one.client.post(f"{last}/cancel").status_code == 200, (
        "no other test's worker is to meet it"
    )


def test_a_job_that_is_cancelled_ends_and_another_may_begin(duplicates: Duplicates) -> None:
    ids = crowd(duplicates, 4)
    forget_keys(duplicates)
    job, worker = duplicates.find(), duplicates.worker(step=2)
    with ThreadPoolExecutor(1) as threads, held(duplicates, ids[-1]):
        worked = threads.submit(worker.run_next)
        _wait_for_rounds(duplicates, job)
        assert duplicates.client.post(f"{job}/cancel").status_code == 200
    worked.result()
    assert duplicates.client.get(job).json["state"] == "cancelled"
    assert duplicates.listed() == []
    again = duplicates.find()
    duplicates.worker(step=2).run_next()
    assert duplicates.client.get(again).json["result"]["found"] == 4


@contextmanager
def held(duplicates: Duplicates, person_id: str) -> Iterator[None]:
    """Somebody else has this person in hand until the block ends."""
    tenant = duplicates.client.tenant_id
    with duplicates.contacts.service.database.tenant_transaction(tenant) as connection:
        found = sa.select(people.c.id).where(people.c.tenant_id == tenant, people.c.id == person_id)
        connection.execute(found.with_for_update()).one()
        yield


@contextmanager
def worker_process(contacts: Contacts, step: int) -> Iterator[subprocess.Popen[str]]:
    """A process that does the next job; killed when the block ends."""
    told = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in contacts.service.settings
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.contacts.tests.duplicates.worker", str(step)],
        stdin=subprocess.PIPE,
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


def _wait_for_rounds(duplicates: Duplicates, job: str) -> Any:
    """Wait until the first steps are done; gives what is kept of how far it is."""

    def kept() -> Any:
        tenant = duplicates.client.tenant_id
        with duplicates.contacts.service.database.tenant_transaction(tenant) as connection:
            found = sa.select(jobs.c.progress).where(
                jobs.c.tenant_id == tenant, jobs.c.id == job.removeprefix(f"{JOBS}/")
            )
            return connection.execute(found).scalar_one().get("state")

    return eventually(kept)


def test_another_worker_goes_on_where_one_was_killed(
    duplicates: Duplicates, clock: MovableClock
) -> None:
    ids = crowd(duplicates, 8)
    forget_keys(duplicates)
    job = duplicates.find()
    with held(duplicates, ids[-1]), worker_process(duplicates.contacts, step=4) as worker:
        state = _wait_for_rounds(duplicates, job)
        assert state["round"] == "keys"
        worker.kill()
        worker.wait()
    assert duplicates.client.get(job).json["state"] == "running", "nobody has told of its death"
    clock.move(timedelta(minutes=2))
    duplicates.worker(step=4, clock=clock).run_next()
    done = duplicates.client.get(job).json
    assert (done["state"], done["result"]["found"]) == ("succeeded", 8), done
    assert len(duplicates.listed()) == 8
    assert len(duplicates.facts("DuplicateDetected")) == 8


def test_whoever_is_entered_in_a_batch_or_changed_is_compared_soon(
    duplicates: Duplicates,
) -> None:
    ids = crowd(duplicates, 3)
    assert len(duplicates.pairs()) == 3
    duplicates.change(ids[0], tags=["vip"])
    (waiting,) = _waiting(duplicates)
    assert waiting == 0, "tags are not compared"
    duplicates.change(ids[0], important_dates=birthday("1931-01-31"))
    assert _waiting(duplicates) == [1]
    assert len(duplicates.pairs()) == 2


def _waiting(duplicates: Duplicates) -> list[int]:
    tenant = duplicates.client.tenant_id
    with duplicates.contacts.service.database.tenant_transaction(tenant) as connection:
        count = connection.execute(sa.text("SELECT count(*) FROM people_to_compare")).scalar_one()
        return [count]


def test_people_wait_while_an_import_of_the_tenant_is_at_work(duplicates: Duplicates) -> None:
    crowd(duplicates, 2)
    tenant = duplicates.client.tenant_id
    row = {"tenant_id": tenant, "id": tenant, "kind": "run_import", "state": "running"}
    more = {"created_by": "x", "arguments": {}, "progress": {}, "created_at": sa.func.now()}
    database = duplicates.contacts.service.database
    with database.tenant_transaction(tenant) as connection:
        connection.execute(sa.insert(jobs).values(**row, **more))
    assert duplicates.pairs() == []
    with database.tenant_transaction(tenant) as connection:
        connection.execute(sa.update(jobs).values(state="succeeded", finished_at=sa.func.now()))
    assert len(duplicates.pairs()) == 2
