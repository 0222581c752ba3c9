"""Whatever stops an import or its undoing half way: no row is lost, none is done twice, and it goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1 import import_events_pb2 as import_events
from rapport.contacts.events.v1 import person_events_pb2 as person_events
from services.contacts.tests.imports.conftest import JOBS, PEOPLE, Contacts, Importing
from services.contacts.tests.imports.interrupting import (
    given_away,
    held,
    worker_process,
    working_until,
)
from services.contacts.tests.imports.tables import NAMES, csv_of, numbered

BATCH = 2


@pytest.fixture
def importing(contacts: Contacts) -> Importing:
    """Imports whose batches are small."""
    return Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=BATCH)


def known(importing: Importing, place: int) -> str:
    """Somebody who is there before the row of this place changes them."""
    (row,) = numbered(1, first=place)
    body = {"full_name": "舊名", "emails": [{"address": row[1]}]}
    answer = importing.client.post(PEOPLE, body)
    assert answer.status_code == 201, answer.text
    person_id: str = answer.json["id"]
    return person_id


def by_email(importing: Importing, count: int, first: int = 0) -> str:
    """An import that changes whoever has the e-mail."""
    address = importing.upload(csv_of(numbered(count, first)))
    importing.map(address, {name: name for name in NAMES}, key="email")
    return address


def done_by(importing: Importing, job: str, least: int) -> int:
    """Wait until so many rows or people of a job are done."""

    def done() -> int:
        found: int = importing.client.get(job).json["progress"]["done"]
        return found if found >= least else 0

    return eventually(done)


def ended(importing: Importing, address: str) -> dict[str, Any]:
    """The last run without its times."""
    run = importing.last_run(address)
    return {name: run[name] for name in ("created", "updated", "skipped", "failed")}


def require_everybody_once(importing: Importing, count: int) -> None:
    """All of `numbered` are there, each with one fact of being entered."""
    people = importing.people()
    emails = [e["address"] for person in people for e in person["emails"]]
    assert sorted(emails) == sorted(row[1] for row in numbered(count))
    created = [person_events.PersonCreated.FromString(p) for p in importing.facts("PersonCreated")]
    assert sorted(fact.person_id for fact in created) == sorted(person["id"] for person in people)


def test_a_cancelled_run_keeps_what_is_done_and_goes_on_behind_it(importing: Importing) -> None:
    person = known(importing, 4)
    address = by_email(importing, 9)
    job = importing.start(address)
    with working_until(importing, person):
        assert done_by(importing, job, 4) == 4
        assert importing.client.post(f"{job}/cancel").status_code == 200
        assert importing.client.get(job).json["state"] == "running", "until the batch is whole"
    assert importing.client.get(job).json["state"] == "cancelled"
    assert importing.get(address)["state"] == "stopped"
    assert ended(importing, address) == {"created": 5, "updated": 1, "skipped": 0, "failed": 0}
    assert len(importing.people()) == 6
    importing.run(address)
    assert importing.get(address)["state"] == "finished"
    assert ended(importing, address) == {"created": 8, "updated": 1, "skipped": 0, "failed": 0}
    require_everybody_once(importing, 9)
    facts = [import_events.ImportFinished.FromString(p) for p in importing.facts("ImportFinished")]
    assert [(fact.created_count, fact.cancelled) for fact in facts] == [(5, True), (8, False)]


def test_a_run_that_was_cancelled_before_it_began_does_nothing(importing: Importing) -> None:
    address = by_email(importing, 3)
    job = importing.start(address)
    assert importing.client.post(f"{job}/cancel").status_code == 200
    assert importing.work(job)["state"] == "cancelled"
    assert importing.people() == []
    importing.run(address)
    require_everybody_once(importing, 3)


def test_what_a_cancelled_run_has_done_can_be_undone(importing: Importing) -> None:
    person = known(importing, 4)
    address = by_email(importing, 9)
    job = importing.start(address)
    with working_until(importing, person):
        done_by(importing, job, 4)
        importing.client.post(f"{job}/cancel")
    assert importing.undo(address)["result"] == {"removed": 5, "reverted": 1, "kept": 0}
    (left,) = importing.people()
    assert (left["id"], left["full_name"]) == (person, "舊名")


def test_another_worker_goes_on_where_one_was_killed(contacts: Contacts) -> None:
    tenant, clock = contacts.new_tenant(), MovableClock(contacts.service.clock.now())
    importing = Importing(contacts, contacts.app_client(tenant), batch=BATCH, clock=clock)
    person = known(importing, 4)
    address = by_email(importing, 9)
    job = importing.start(address)
    with held(importing, person), worker_process(contacts, BATCH) as process:
        assert done_by(importing, job, 4) == 4
        process.kill()
        process.wait()
    assert importing.client.get(job).json["state"] == "running", "nobody has told of its death"
    assert ended(importing, address)["created"] == 4
    clock.move(timedelta(minutes=2))
    assert importing.work(job)["state"] == "succeeded"
    assert ended(importing, address) == {"created": 8, "updated": 1, "skipped": 0, "failed": 0}
    require_everybody_once(importing, 9)
    assert [row["row"] for row in importing.rows(address)] == [6]
    assert len(importing.facts("ImportFinished")) == 1


def test_undoing_goes_on_where_it_was_cancelled_half_way(importing: Importing) -> None:
    address = importing.upload(csv_of(numbered(7)))
    importing.run(address)
    people = sorted(person["id"] for person in importing.people())
    job = importing.client.post(f"{address}/undo").headers["Location"]
    with working_until(importing, people[5]):
        assert done_by(importing, job, 4) == 4
        assert importing.client.post(f"{job}/cancel").status_code == 200
    assert importing.client.get(job).json["state"] == "cancelled"
    assert importing.get(address)["state"] == "finished"
    assert [person["id"] for person in importing.people()] == [people[6]]
    assert importing.undo(address)["result"] == {"removed": 1, "reverted": 0, "kept": 0}
    assert importing.people() == []
    deleted = [person_events.PersonDeleted.FromString(p) for p in importing.facts("PersonDeleted")]
    assert sorted(fact.person_id for fact in deleted) == people


def test_imports_at_once_that_share_people_make_each_of_them_once(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    both = [Importing(contacts, contacts.app_client(tenant), batch=7) for _ in range(2)]
    addresses = [by_email(both[0], 60), by_email(both[1], 60, first=30)]
    jobs = [one.start(address) for one, address in zip(both, addresses, strict=True)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda one: one.worker.run_next(), both))
    states = [both[0].client.get(job).json["state"] for job in jobs]
    assert states == ["succeeded", "succeeded"]
    require_everybody_once(both[0], 90)
    runs = [ended(both[0], address) for address in addresses]
    assert sum(run["created"] for run in runs) == 90
    assert sum(run["updated"] + run["skipped"] for run in runs) == 30
    assert both[0].client.get(JOBS, query_string={"state": "running"}).json["items"] == []


def test_an_external_id_that_somebody_gets_meanwhile_fails_its_row_alone(
    importing: Importing,
) -> None:
    person = known(importing, 9)
    address = importing.upload(csv_of(numbered(4)))
    job = importing.start(address)
    with given_away(importing, "erp", "e1", person):
        assert importing.client.get(job).json["progress"]["done"] == 0
    assert importing.client.get(job).json["state"] == "succeeded"
    assert ended(importing, address) == {"created": 3, "updated": 0, "skipped": 0, "failed": 1}
    assert importing.codes(address) == {3: ["external_id_taken"]}
