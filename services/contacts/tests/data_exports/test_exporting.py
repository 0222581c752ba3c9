"""All that is known of a person, from every service, as an archive that says what is in it (CO-12)."""

from __future__ import annotations

import hashlib
import threading
import tracemalloc
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest

from contacts.data_exports.domain import MOST_AT_ONCE
from contacts.data_exports.pruning import prune_archives
from contacts.data_exports.storage import ExportPiece
from rapport.contacts.events.v1 import data_export_events_pb2 as events
from services.contacts.tests.builders import PEOPLE, person
from services.contacts.tests.data_exports.conftest import (
    EXPORTS,
    JOBS,
    Exporting,
    FakeSource,
    lines,
)

FILE = f"files/{uuid4()}"


def source(exporting: Exporting, name: str) -> FakeSource:
    """A service that is deployed."""
    found = exporting.others[name]
    assert found is not None
    return found


def rows_of(exporting: Exporting, table: str) -> int:
    """How many rows the tenant has there."""
    assert exporting.client.tenant_id is not None
    database = exporting.contacts.service.database
    with database.tenant_transaction(exporting.client.tenant_id) as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608


def test_an_archive_holds_what_every_service_has_told_and_says_so(exporting: Exporting) -> None:
    who = person(exporting.client, emails=[{"address": "ming@example.com"}])
    source(exporting, "sales").pages = [
        [lines("order.ndjson", {"number": "1"})],
        [lines("order.ndjson", {"number": "2"}), lines("quote.ndjson", {"name": "報價單"})],
    ]
    source(exporting, "desk").pages = [[ExportPiece(FILE, bytes(70), 0)]]
    address = exporting.begin(who)
    assert exporting.get(address)["state"] == "running"
    exporting.work()
    export = exporting.get(address)
    assert (export["state"], export["problem"]) == ("ready", None)
    states = {part["service"]: part["state"] for part in export["parts"]}
    assert states == {
        **dict.fromkeys(("contacts", "sales", "desk", "notifications", "identity"), "complete"),
        "loyalty": "not_deployed",
    }
    archive = exporting.archive(address)
    assert archive.testzip() is None
    assert archive.read("sales/order.ndjson") == b'{"number":"1"}\n{"number":"2"}\n'
    assert "報價單" in archive.read("sales/quote.ndjson").decode()
    assert archive.read(f"desk/{FILE}") == bytes(70)
    (told,) = map(orjson.loads, archive.read("contacts/person.ndjson").splitlines())
    assert (told["full_name"], told["emails"][0]["address"]) == ("王小明", "ming@example.com")
    manifest = orjson.loads(archive.read("manifest.json"))
    assert (manifest["person_id"], manifest["schema_version"]) == (who, 1)
    assert {one["service"]: one["state"] for one in manifest["services"]} == states
    listed = {one["path"]: one for one in manifest["files"]}
    assert set(archive.namelist()) == {*listed, "manifest.json"}
    for path, one in listed.items():
        content = archive.read(path)
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["bytes"] == len(content)
    assert (listed["sales/order.ndjson"]["records"], listed[f"desk/{FILE}"]["records"]) == (2, 0)


def test_it_is_told_who_asked_that_it_is_complete_and_that_it_was_taken(
    exporting: Exporting,
) -> None:
    who = person(exporting.client)
    address = exporting.begin(who)
    exporting.work()
    exporting.archive(address)
    exporting.archive(address)
    (asked,) = exporting.facts("PersonDataExportRequested")
    assert events.PersonDataExportRequested.FromString(asked).person_id == who
    (completed,) = exporting.facts("PersonDataExportCompleted")
    assert events.PersonDataExportCompleted.FromString(completed).record_count > 0
    taken = exporting.facts("PersonDataExportDownloaded")
    assert [events.PersonDataExportDownloaded.FromString(one).person_id for one in taken] == [
        who,
        who,
    ]


def test_a_service_that_is_down_is_waited_for_and_named(exporting: Exporting) -> None:
    who = person(exporting.client)
    desk = source(exporting, "desk")
    desk.pages = [[lines("ticket.ndjson", {"n": 1})], [lines("ticket.ndjson", {"n": 2})]]
    desk.is_up = False
    address = exporting.begin(who)
    # More often than a job that takes its worker down is tried.
    exporting.work(25)
    export = exporting.get(address)
    assert export["state"] == "waiting"
    waited = {part["service"]: part["detail"] for part in export["parts"] if part["detail"]}
    assert waited == {"desk": "desk does not answer now."}
    assert {p["state"] for p in export["parts"]} == {"complete", "unavailable", "not_deployed"}
    answer = exporting.client.get(f"{address}/archive")
    assert (answer.status_code, answer.json["code"]) == (409, "data_export_not_ready")
    asked = len(source(exporting, "sales").asked)
    desk.is_up = True
    exporting.work()
    assert exporting.get(address)["state"] == "ready"
    assert exporting.archive(address).read("desk/ticket.ndjson") == b'{"n":1}\n{"n":2}\n'
    # Whoever has told all is not asked again.
    assert len(source(exporting, "sales").asked) == asked


def test_who_goes_away_in_the_middle_goes_on_where_they_were(exporting: Exporting) -> None:
    sales = source(exporting, "sales")
    sales.pages = [[lines("order.ndjson", {"n": 1})], [lines("order.ndjson", {"n": 2})]]

    class GoesAway(FakeSource):
        def page(self, caller, people, page_token):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            self.is_up = not (page_token == "1" and len(self.asked) == 1)
            return super().page(caller, people, page_token)

    exporting.others["sales"] = GoesAway("sales", sales.pages)
    address = exporting.begin(person(exporting.client))
    exporting.work()
    assert exporting.get(address)["state"] == "waiting"
    exporting.work()
    assert exporting.archive(address).read("sales/order.ndjson") == b'{"n":1}\n{"n":2}\n'


def test_a_service_that_is_renewed_meanwhile_tells_all_from_the_beginning(
    exporting: Exporting,
) -> None:
    sales = source(exporting, "sales")
    sales.pages = [[lines("order.ndjson", {"n": 1})], [lines("order.ndjson", {"n": 2})]]
    sales.outdated = 1
    address = exporting.begin(person(exporting.client))
    exporting.work(2)
    assert exporting.archive(address).read("sales/order.ndjson") == b'{"n":1}\n{"n":2}\n'


def test_nobody_is_waited_for_longer_than_a_week(exporting: Exporting) -> None:
    source(exporting, "desk").is_up = False
    address = exporting.begin(person(exporting.client))
    exporting.work()
    exporting.clock.move(timedelta(days=7, minutes=1))
    exporting.work()
    export = exporting.get(address)
    assert (export["state"], export["problem"]["code"]) == ("failed", "data_export_unanswered")
    assert "desk" in export["problem"]["message"]


def test_who_asks_again_while_it_is_on_its_way_gets_the_same(exporting: Exporting) -> None:
    who = person(exporting.client)
    answers = []

    def ask() -> None:
        answers.append(exporting.ask(who))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    exporting.work(4)
    assert len(exporting.facts("PersonDataExportCompleted")) == 1
    # Once it is complete, whoever asks gets what is known now.
    again = exporting.ask(who, **{"Idempotency-Key": "once more"})
    assert again.json["id"] != answers[0].json["id"]
    repeated = exporting.ask(who, **{"Idempotency-Key": "once more"})
    assert repeated.json["id"] == again.json["id"]


def test_an_archive_ends_when_its_time_has_come(exporting: Exporting) -> None:
    address = exporting.begin(person(exporting.client))
    exporting.work()
    database = exporting.contacts.service.database
    assert prune_archives(database, exporting.clock.now()) == 0
    exporting.clock.move(timedelta(days=7))
    assert exporting.get(address)["state"] == "ended"
    answer = exporting.client.get(f"{address}/archive")
    assert (answer.status_code, answer.json["code"]) == (409, "data_export_ended")
    assert prune_archives(database, exporting.clock.now()) > 0
    assert prune_archives(database, exporting.clock.now()) == 0


def test_an_archive_goes_with_the_person_who_is_erased(exporting: Exporting) -> None:
    who = person(exporting.client)
    address = exporting.begin(who)
    exporting.work()
    assert exporting.archive(address).namelist()
    erased = exporting.client.post(f"{PEOPLE}/{who}/erase", {"reason": "asked by letter"})
    assert erased.status_code == 200
    for path in (address, f"{address}/archive"):
        assert exporting.client.get(path).status_code == 404
    for table in ("data_exports", "data_export_pieces", "data_export_downloads"):
        assert rows_of(exporting, table) == 0


def test_an_export_ends_when_the_person_is_erased_meanwhile(exporting: Exporting) -> None:
    who = person(exporting.client)
    source(exporting, "desk").is_up = False
    answer = exporting.ask(who)
    exporting.work()
    exporting.client.post(f"{PEOPLE}/{who}/erase", {"reason": "asked by letter"})
    source(exporting, "desk").is_up = True
    exporting.work()
    job = exporting.client.get(f"{JOBS}/{answer.json['job_id']}").json
    assert (job["state"], job["error"]["code"]) == ("failed", "data_export_person_gone")
    assert not exporting.facts("PersonDataExportCompleted")


def test_a_person_erased_between_two_pages_leaves_nothing(exporting: Exporting) -> None:
    who = person(exporting.client)

    class Erases(FakeSource):
        def page(self, caller, people, page_token):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            exporting.client.post(f"{PEOPLE}/{who}/erase", {"reason": "asked by letter"})
            return super().page(caller, people, page_token)

    exporting.others["sales"] = Erases("sales", [[lines("order.ndjson", {"n": 1})]])
    answer = exporting.ask(who)
    exporting.work()
    job = exporting.client.get(f"{JOBS}/{answer.json['job_id']}").json
    assert (job["state"], job["error"]["code"]) == ("failed", "data_export_person_gone")


def test_those_merged_into_the_person_are_asked_for_as_well(exporting: Exporting) -> None:
    who, other = person(exporting.client), person(exporting.client, "王小民")
    assert exporting.client.post(f"{PEOPLE}/{who}/merge", {"person_id": other}).status_code == 201
    address = exporting.begin(who)
    exporting.work()
    asked = {str(one) for one in source(exporting, "sales").asked[0][0]}
    assert asked == {who, other}
    assert "王小民" in exporting.archive(address).read("contacts/merge.ndjson").decode()
    # Whoever is gone is told who is left.
    assert (exporting.ask(other).status_code, exporting.ask(other).json["code"]) == (
        404,
        "person_merged",
    )


def test_who_is_merged_while_it_is_on_its_way_is_in_it(exporting: Exporting) -> None:
    who, other = person(exporting.client), person(exporting.client, "王小民")
    source(exporting, "identity").is_up = False
    address = exporting.begin(who)
    exporting.work()
    assert exporting.client.post(f"{PEOPLE}/{who}/merge", {"person_id": other}).status_code == 201
    source(exporting, "identity").is_up = True
    exporting.work()
    export = exporting.get(address)
    assert (export["state"], export["merged_person_ids"]) == ("ready", [other])
    assert {str(one) for one in source(exporting, "sales").asked[-1][0]} == {who, other}


def test_an_export_that_is_cancelled_keeps_nothing(exporting: Exporting) -> None:
    source(exporting, "desk").is_up = False
    answer = exporting.ask(person(exporting.client))
    exporting.work()
    job = f"{JOBS}/{answer.json['job_id']}"
    assert exporting.client.post(f"{job}/cancel").status_code in (200, 202, 204)
    exporting.work()
    assert exporting.get(answer.headers["Location"])["state"] == "cancelled"
    # What nobody forgot at once goes when archives do.
    later = exporting.clock.now() + timedelta(days=15)
    prune_archives(exporting.contacts.service.database, later)
    assert rows_of(exporting, "data_export_pieces") == 0


def test_an_archive_has_no_more_bytes_than_it_may(exporting: Exporting) -> None:
    exporting.most_bytes = 2000
    source(exporting, "sales").pages = [[ExportPiece("order.ndjson", bytes(1999), 1)]]
    address = exporting.begin(person(exporting.client))
    exporting.work()
    export = exporting.get(address)
    assert (export["state"], export["problem"]["code"]) == ("failed", "data_export_too_large")
    assert rows_of(exporting, "data_export_pieces") == 0


@pytest.mark.parametrize(
    "file", ["../order.ndjson", "/etc/passwd", "order.txt", "files/x", "訂.ndjson"]
)
def test_a_service_that_names_files_otherwise_is_not_believed(
    exporting: Exporting, file: str
) -> None:
    source(exporting, "sales").pages = [[ExportPiece(file, b"{}\n", 1)]]
    address = exporting.begin(person(exporting.client))
    exporting.work()
    export = exporting.get(address)
    assert (export["state"], export["problem"]["code"]) == ("failed", "data_export_file_name")


def test_a_long_timeline_is_packed_in_little_memory(exporting: Exporting) -> None:
    """Each page and each chunk that is sent is a small part of the whole."""
    chunk = lines("timeline_entry.ndjson", *({"n": n, "說": "好" * 90} for n in range(3000)))
    source(exporting, "desk").pages = [[chunk] for _ in range(40)]
    address = exporting.begin(person(exporting.client))
    exporting.work()
    token = {"Authorization": f"Bearer {exporting.client.token}"}
    answer = exporting.contacts.app.test_client().get(f"{address}/archive", headers=token)
    tracemalloc.start()
    sizes = [len(part) for part in answer.iter_encoded()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(sizes) < len(chunk.content)
    whole = exporting.get(address)["bytes"]
    assert whole > 40 * len(chunk.content)
    assert peak < whole / 4


def test_it_needs_a_permission_of_its_own_and_reach_over_the_person(exporting: Exporting) -> None:
    contacts, tenant = exporting.contacts, exporting.client.tenant_id
    assert tenant is not None
    who = person(exporting.client)
    address = exporting.begin(who)
    path = f"{PEOPLE}/{who}/data-exports"
    assert contacts.anonymous().post(path).status_code == 401
    everything = ("contacts.people.read", "contacts.people.write", "contacts.people.export")
    assert contacts.app_client(tenant, *everything).post(path).status_code == 403
    for stranger in (
        contacts.app_client(contacts.new_tenant()),
        contacts.user_client(tenant, {"contacts.people.data_export": "own"}),
    ):
        assert stranger.post(path).status_code == 404
        assert stranger.get(address).status_code == 404
        assert stranger.get(f"{address}/archive").status_code == 404
        assert stranger.get(EXPORTS).json["items"] == []
    assert exporting.client.post(f"{PEOPLE}/{uuid4()}/data-exports").status_code == 404


def test_exports_are_listed_the_latest_first(exporting: Exporting) -> None:
    one, two = person(exporting.client), person(exporting.client)
    for who in (one, two):
        exporting.begin(who)
        exporting.clock.move(timedelta(seconds=1))
    listed = exporting.client.get(f"{EXPORTS}?count=true").json
    assert ([item["person_id"] for item in listed["items"]], listed["total_count"]) == (
        [two, one],
        2,
    )
    (only,) = exporting.client.get(f"{EXPORTS}?person_id={one}").json["items"]
    assert only["person_id"] == one
    assert next(part["service"] for part in only["parts"]) == "contacts"


def test_only_so_many_are_on_their_way_at_once(exporting: Exporting) -> None:
    for _ in range(MOST_AT_ONCE):
        exporting.begin(person(exporting.client))
    refused = exporting.ask(person(exporting.client))
    assert (refused.status_code, refused.json["code"]) == (409, "data_exports_too_many")
    assert int(refused.headers["Retry-After"]) > 0
