"""Companies by external id and in batches: each once, and none the worse for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

Contacts = ServiceHarness[ContactsTx]
COMPANIES = "/v1/contacts/companies"
BY_ERP = f"{COMPANIES}/by-external-id/erp"
BATCH = f"{COMPANIES}/batch"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def send(app: ApiClient, *items: Any, path: str = BATCH, **body: Any) -> ApiAnswer:
    return app.post(path, {"items": list(items), **body})


def erp(name: str, *numbers: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "external_ids": [{"system": "erp", "id": n} for n in numbers], **more}


def test_an_external_id_enters_a_company_once_and_changes_it_after_that(app: ApiClient) -> None:
    first = app.put(f"{BY_ERP}/1", {"name": "A", "industry": "trade"})
    second = app.put(f"{BY_ERP}/1", {"name": "B"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert (second.json["id"], second.json["name"]) == (first.json["id"], "B")
    assert second.json["industry"] == "trade"
    assert app.get(f"{BY_ERP}/1").json["name"] == "B"
    assert app.get(f"{BY_ERP}/2").status_code == 404


def test_many_at_once_make_one_company(app: ApiClient) -> None:
    def put(index: int) -> int:
        return app.put(f"{BY_ERP}/1", {"name": "A", "tags": [f"t{index}"]}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(put, range(24)))
    assert (statuses.count(201), statuses.count(200)) == (1, 23)
    (company,) = app.get(COMPANIES).json["items"]
    assert company["version"] == 24


def test_an_external_id_out_of_reach_is_taken_and_shows_nothing(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    body = {"name": "Secret", "owner_id": str(uuid4())}
    contacts.app_client(tenant).put(f"{BY_ERP}/1", body)
    grants = {"contacts.companies.read": "own", "contacts.companies.write": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    response = user.put(f"{BY_ERP}/1", {"name": "Mine"})
    assert (response.status_code, response.json["code"]) == (409, "external_id_taken")
    assert user.get(f"{BY_ERP}/1").status_code == 404
    assert "Secret" not in response.text


def test_a_bad_item_undoes_just_itself(contacts: Contacts, app: ApiClient) -> None:
    send(app, erp("Known", "9"))
    items = send(
        app,
        erp("A", "1"),
        erp("B", "9"),
        {"domain": "nameless.example"},
        erp("C", "2", parent_company_id=str(uuid4())),
        erp("D", "1"),
        {"name": "E"},
    ).json["items"]
    assert [item["status"] for item in items] == [201, 409, 422, 422, 409, 201]
    assert items[1]["problem"]["code"] == items[4]["problem"]["code"] == "external_id_taken"
    assert items[3]["problem"]["errors"][0]["pointer"] == "/parent_company_id"
    names = {item["name"] for item in app.get(COMPANIES).json["items"]}
    assert names == {"Known", "A", "E"}
    assert app.tenant_id is not None
    assert len(contacts.facts(app.tenant_id)) == 3


def test_an_atomic_batch_with_a_bad_item_stores_nothing(contacts: Contacts, app: ApiClient) -> None:
    response = send(app, {"name": "A"}, erp("B", "1"), erp("C", "1"), atomic=True)
    assert (response.status_code, response.json["code"]) == (422, "batch_refused")
    assert [error["pointer"] for error in response.json["errors"]] == ["/items/2"]
    assert app.get(COMPANIES).json["items"] == []
    assert app.tenant_id is not None
    assert contacts.facts(app.tenant_id) == []


def test_what_is_known_by_the_key_is_changed(app: ApiClient) -> None:
    path = f"{BATCH}?upsert_by=erp"
    first = send(app, erp("A", "1"), erp("B", "2"), path=path).json["items"]
    second = send(
        app, erp("A2", "1"), erp("C", "3"), {"name": "D"}, erp("E", "4", "2"), path=path
    ).json["items"]
    assert [item["status"] for item in second] == [200, 201, 422, 409]
    assert (second[0]["id"], second[0]["version"]) == (first[0]["id"], 2)
    assert app.get(f"{BY_ERP}/1").json["name"] == "A2"


def test_later_items_may_stand_below_earlier_ones_of_another_batch(app: ApiClient) -> None:
    parent = send(app, {"name": "Parent"}).json["items"][0]["id"]
    children = [{"name": f"C{n}", "parent_company_id": parent} for n in range(5)]
    assert send(app, *children).json["succeeded"] == 5
    below = app.get(f"{COMPANIES}?parent_company_id={parent}&count=true").json
    assert below["total_count"] == 5


def test_several_batches_at_once_make_each_company_once(app: ApiClient) -> None:
    items = [erp(f"C{n}", str(n)) for n in range(12)]

    def run(shift: int) -> list[int]:
        answer = send(app, *items[shift:], *items[:shift], path=f"{BATCH}?upsert_by=erp")
        assert answer.status_code == 200, answer.text
        return [item["status"] for item in answer.json["items"]]

    with ThreadPoolExecutor(3) as pool:
        statuses = [status for each in pool.map(run, (0, 4, 8)) for status in each]
    assert (statuses.count(201), statuses.count(200)) == (12, 24)
