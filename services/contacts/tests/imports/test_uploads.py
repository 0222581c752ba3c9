"""Files arrive in parts: in any order, again if one is not sure, and never more than there is room for."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from contacts.imports.pieces import PART, PIECE
from services.contacts.tests.imports.conftest import IMPORTS, Contacts, Importing
from services.contacts.tests.imports.tables import csv_of, numbered


def test_imports_need_a_token(contacts: Contacts) -> None:
    assert contacts.anonymous().get(IMPORTS).status_code == 401
    assert contacts.anonymous().post(IMPORTS, {"name": "x"}).status_code == 401


def test_an_import_is_answered_with_its_address_and_version(importing: Importing) -> None:
    answer = importing.client.post(IMPORTS, {"name": "spring fair", "default_country": "TW"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{IMPORTS}/{answer.json['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert (answer.json["state"], answer.json["size"], answer.json["runs"]) == ("uploading", 0, [])


def test_another_tenants_imports_cannot_be_touched(
    contacts: Contacts, importing: Importing
) -> None:
    address = importing.upload(csv_of(numbered(1)))
    stranger = Importing(contacts, contacts.app_client(contacts.new_tenant()))
    assert stranger.client.get(IMPORTS).json["items"] == []
    assert stranger.client.get(address).status_code == 404
    assert stranger.part(address, 1, b"x").status_code == 404
    for path in ("/complete", "/run", "/undo"):
        assert stranger.client.post(address + path).status_code == 404
    for path in ("/rows", "/kept", "/errors"):
        assert stranger.client.get(address + path).status_code == 404
    assert stranger.client.put(f"{address}/mapping", {}).status_code == 404
    assert stranger.client.delete(address).status_code == 404
    assert importing.get(address)["state"] == "ready"


def test_parts_come_in_any_order_and_again(importing: Importing) -> None:
    content = csv_of(numbered(300))
    cuts = [content[:1000], content[1000:1001], content[1001:]]
    address = importing.begin()
    for number in (3, 1, 2, 3, 1):
        assert importing.part(address, number, cuts[number - 1]).status_code == 200
    uploaded = importing.get(address)
    assert uploaded["size"] == len(content)
    assert [part["number"] for part in uploaded["parts"]] == [1, 2, 3]
    digest = hashlib.sha256(cuts[0]).hexdigest()
    assert uploaded["parts"][0] == {"number": 1, "size": 1000, "sha256": digest}
    assert importing.client.post(f"{address}/complete?parts=3").json["state"] == "ready"
    assert importing.run(address)["created"] == 300


def test_a_part_of_many_pieces_is_read_as_it_was_sent(importing: Importing) -> None:
    rows = [(f"林志玲{number}", chr(65 + number % 26) * 20_000) for number in range(300)]
    content = csv_of(rows, header=("full_name", "remark"))
    assert len(content) > 5 * PIECE
    address = importing.begin()
    assert importing.part(address, 1, content[: 3 * PIECE + 7]).status_code == 200
    assert importing.part(address, 2, content[3 * PIECE + 7 :]).status_code == 200
    assert importing.client.post(f"{address}/complete").json["state"] == "ready"
    importing.map(address, {"full_name": "full_name"})
    assert importing.run(address)["created"] == 300
    assert {person["full_name"] for person in importing.people()} == {row[0] for row in rows}


def test_a_part_that_was_changed_on_its_way_is_refused(importing: Importing) -> None:
    address = importing.begin()
    right = hashlib.sha256(b"name\nx\n").hexdigest()
    answer = importing.part(address, 1, b"name\ny\n", sha256=right)
    assert (answer.status_code, answer.json["code"]) == (422, "digest_mismatch")
    assert importing.get(address)["parts"] == []
    assert importing.part(address, 1, b"name\nx\n", sha256=right.upper()).status_code == 200


def test_missing_and_surplus_parts_are_named(importing: Importing) -> None:
    address = importing.begin()
    importing.part(address, 2, b"x")
    importing.part(address, 5, b"x")
    missing = importing.client.post(f"{address}/complete?parts=6")
    assert (missing.status_code, missing.json["code"]) == (409, "import_parts_missing")
    assert "1, 3, 4, 6" in missing.json["detail"]
    for number in (1, 3, 4):
        importing.part(address, number, b"x")
    surplus = importing.client.post(f"{address}/complete?parts=4")
    assert (surplus.status_code, surplus.json["code"]) == (409, "import_parts_surplus")


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(importing: Importing) -> None:
    answer = importing.client.post(IMPORTS, {"name": "huge", "size": 2 * 2**30})
    assert (answer.status_code, answer.json["code"]) == (422, "import_too_large")
    assert "2147483648" in answer.json["detail"]
    assert importing.client.get(IMPORTS).json["items"] == []


def test_parts_beyond_the_bound_are_refused_and_the_others_stay(importing: Importing) -> None:
    address = importing.begin()
    part = bytes(PART)
    assert importing.part(address, 1, part).status_code == 200
    assert importing.part(address, 2, part).status_code == 200
    answer = importing.part(address, 3, part)
    assert (answer.status_code, answer.json["code"]) == (422, "import_too_large")
    assert importing.get(address)["size"] == 2 * PART
    assert importing.part(address, 2, part[:-1]).status_code == 200, "in the place of the earlier"


def test_a_part_over_16_mib_is_refused(importing: Importing) -> None:
    answer = importing.part(importing.begin(), 1, bytes(PART + 1))
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("number", [0, 10_001, 10**30])
def test_parts_are_numbered_within_bounds(importing: Importing, number: int) -> None:
    assert importing.part(importing.begin(), number, b"x").status_code == 404


def test_a_part_has_to_be_a_file(importing: Importing) -> None:
    address = importing.begin()
    answer = importing.client.put(f"{address}/parts/1", {"a": 1})
    assert answer.status_code == 415


def test_a_complete_file_takes_no_more_parts(importing: Importing) -> None:
    address = importing.upload(csv_of(numbered(1)))
    answer = importing.part(address, 2, b"more")
    assert (answer.status_code, answer.json["code"]) == (409, "import_state")
    assert importing.client.post(f"{address}/complete").status_code == 409


def test_an_unreadable_file_can_be_put_right(importing: Importing) -> None:
    address = importing.upload(b"\x89PNG\r\n\x1a\n")
    assert importing.get(address)["state"] == "unreadable"
    assert importing.part(address, 1, csv_of(numbered(1))).status_code == 200
    assert importing.get(address)["problem"] is None
    assert importing.client.post(f"{address}/complete").json["state"] == "ready"


def test_an_import_that_was_not_run_can_be_thrown_away(importing: Importing) -> None:
    address = importing.upload(csv_of(numbered(1)))
    assert importing.client.delete(address).status_code == 204
    assert importing.client.get(address).status_code == 404
    other = importing.upload(csv_of(numbered(1)))
    importing.run(other)
    assert importing.client.delete(other).status_code == 409


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("default_country", "Taiwan"),
        ("encoding", "klingon"),
        ("delimiter", ";;"),
        ("format", "pdf"),
        ("size", -1),
        ("name", ""),
        ("extra", 1),
    ],
)
def test_options_that_cannot_be_are_named(importing: Importing, member: str, value: object) -> None:
    answer = importing.client.post(IMPORTS, {"name": "x", member: value})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{member}"


def test_an_own_reach_shows_own_imports(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    grants = {"contacts.imports.*": "own", "contacts.people.write": "own"}
    seller = Importing(contacts, contacts.user_client(tenant, grants, user_id=uuid4()))
    other = Importing(contacts, contacts.user_client(tenant, grants, user_id=uuid4()))
    address = seller.upload(csv_of(numbered(1)))
    assert seller.get(address)["state"] == "ready"
    assert other.client.get(address).status_code == 404
    assert other.client.get(IMPORTS).json["items"] == []
    everything: ApiClient = contacts.app_client(tenant)
    assert len(everything.get(IMPORTS).json["items"]) == 1
