"""People by external id: entered once, changed after that, however many do it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"
BY_ERP = f"{PEOPLE}/by-external-id/erp"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def test_an_unknown_external_id_enters_a_person(app: ApiClient) -> None:
    response = app.put(f"{BY_ERP}/4711", {"full_name": "王小明"})
    assert response.status_code == 201
    assert response.headers["Location"] == f"{PEOPLE}/{response.json['id']}"
    assert response.json["external_ids"] == [{"system": "erp", "id": "4711"}]


@pytest.mark.parametrize(("kind", "name"), [("people", "full_name"), ("companies", "name")])
def test_whoever_names_an_outdated_version_overwrites_nothing(
    app: ApiClient, kind: str, name: str
) -> None:
    path = f"/v1/contacts/{kind}/by-external-id/erp/4711"
    assert app.put(path, {name: "Nobody"}, headers={"If-Match": '"1"'}).status_code == 412
    assert app.get(path).status_code == 404
    seen = {"If-Match": app.put(path, {name: "First"}).headers["ETag"]}
    assert app.put(path, {name: "Second"}, headers=seen).status_code == 200
    assert app.put(path, {name: "Third"}, headers=seen).json["code"] == "version_mismatch"
    assert app.get(path).json[name] == "Second"


def test_a_known_external_id_changes_what_is_mentioned(app: ApiClient) -> None:
    first = app.put(f"{BY_ERP}/4711", {"full_name": "A", "source": "fair"}).json
    response = app.put(f"{BY_ERP}/4711", {"full_name": "B"})
    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert (response.json["id"], response.json["full_name"]) == (first["id"], "B")
    assert response.json["source"] == "fair"
    assert app.put(f"{BY_ERP}/4711", {"full_name": "B"}).headers["ETag"] == '"2"'


def test_the_external_ids_of_other_systems_stay(app: ApiClient) -> None:
    app.put(f"{BY_ERP}/1", {"full_name": "A", "external_ids": [{"system": "shop", "id": "x"}]})
    changed = app.put(f"{BY_ERP}/1", {"external_ids": [{"system": "till", "id": "y"}]}).json
    assert {e["system"] for e in changed["external_ids"]} == {"erp", "shop", "till"}


def test_an_external_id_may_contain_slashes_and_other_scripts(app: ApiClient) -> None:
    created = app.put(f"{BY_ERP}/客戶/2026/7", {"full_name": "A"}).json
    assert created["external_ids"] == [{"system": "erp", "id": "客戶/2026/7"}]
    assert app.put(f"{BY_ERP}/客戶/2026/7", {"full_name": "A"}).json["id"] == created["id"]


@pytest.mark.parametrize("path", [f"{PEOPLE}/by-external-id/{'s' * 51}/1", f"{BY_ERP}/{'i' * 201}"])
def test_an_external_id_out_of_bounds_is_refused(app: ApiClient, path: str) -> None:
    assert app.put(path, {"full_name": "A"}).status_code == 422


def test_a_byte_that_cannot_be_stored_is_refused(app: ApiClient) -> None:
    response = app.put(f"{BY_ERP}/a%00b", {"full_name": "A"})
    assert (response.status_code, response.json["errors"][0]["code"]) == (422, "contains_nul")


def test_another_external_id_that_is_taken_is_refused(app: ApiClient) -> None:
    app.put(f"{BY_ERP}/1", {"full_name": "A"})
    response = app.put(
        f"{PEOPLE}/by-external-id/shop/9",
        {"full_name": "B", "external_ids": [{"system": "erp", "id": "1"}]},
    )
    assert (response.status_code, response.json["code"]) == (409, "external_id_taken")


def test_many_at_once_make_one_person_and_lose_no_change(app: ApiClient) -> None:
    def send(index: int) -> int:
        return app.put(f"{BY_ERP}/4711", {"full_name": "A", "tags": [f"t{index}"]}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(24)))
    assert statuses.count(201) == 1
    assert statuses.count(200) == 23
    (person,) = app.get(PEOPLE).json["items"]
    assert person["version"] == 24


def test_a_person_out_of_reach_is_not_changed_and_not_shown(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    everybody = contacts.app_client(tenant)
    theirs = everybody.put(f"{BY_ERP}/1", {"full_name": "Secret", "owner_id": str(uuid4())}).json
    user = contacts.user_client(tenant, {"contacts.people.write": "own"}, user_id=me)
    response = user.put(f"{BY_ERP}/1", {"full_name": "Mine"})
    assert (response.status_code, response.json["code"]) == (409, "external_id_taken")
    assert "Secret" not in response.text
    assert everybody.get(f"{PEOPLE}/{theirs['id']}").json["full_name"] == "Secret"


def test_another_tenants_external_ids_are_free(contacts: Contacts, app: ApiClient) -> None:
    app.put(f"{BY_ERP}/1", {"full_name": "A"})
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.put(f"{BY_ERP}/1", {"full_name": "B"}).status_code == 201


def test_an_archived_person_is_not_changed(app: ApiClient) -> None:
    person = app.put(f"{BY_ERP}/1", {"full_name": "A"}).json
    app.delete(f"{PEOPLE}/{person['id']}")
    response = app.put(f"{BY_ERP}/1", {"full_name": "B"})
    assert (response.status_code, response.json["code"]) == (409, "archived")


@pytest.mark.parametrize(("kind", "name"), [("people", "full_name"), ("companies", "name")])
def test_external_ids_are_added_up_to_as_many_as_a_record_may_have(
    app: ApiClient, kind: str, name: str
) -> None:
    path = f"/v1/contacts/{kind}/by-external-id/erp/1"
    assert app.put(path, {name: "A"}).status_code == 201
    many = [{"system": f"shop-{number}", "id": "1"} for number in range(19)]
    assert app.put(path, {"external_ids": many}).status_code == 200
    over = app.put(path, {"external_ids": [{"system": "another", "id": "1"}]})
    assert (over.status_code, over.json["errors"][0]["code"]) == (422, "too_many")
    assert app.put(path, {name: "B", "external_ids": many[:3]}).status_code == 200
    told = app.get(path).json
    assert (told[name], len(told["external_ids"])) == ("B", 20)
