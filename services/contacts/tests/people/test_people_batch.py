"""Many people in one call: each answered in its place, and none the worse for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"
BATCH = f"{PEOPLE}/batch"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def send(app: ApiClient, *items: Any, path: str = BATCH, **body: Any) -> ApiAnswer:
    return app.post(path, {"items": list(items), **body})


def mail(name: str, address: str) -> dict[str, Any]:
    return {"full_name": name, "emails": [{"address": address}]}


def erp(name: str, number: str, **more: Any) -> dict[str, Any]:
    return {"full_name": name, "external_ids": [{"system": "erp", "id": number}], **more}


def test_every_item_is_answered_in_its_place(contacts: Contacts, app: ApiClient) -> None:
    response = send(app, {"full_name": "A"}, {"full_name": "B"})
    assert response.status_code == 200
    assert (response.json["succeeded"], response.json["failed"]) == (2, 0)
    for index, item in enumerate(response.json["items"]):
        assert (item["index"], item["status"], item["version"]) == (index, 201, 1)
        assert app.get(f"{PEOPLE}/{item['id']}").json["full_name"] == "AB"[index]
    assert app.tenant_id is not None
    kinds = [kind for kind, _ in contacts.facts(app.tenant_id)]
    assert kinds == ["rapport.contacts.events.v1.PersonCreated"] * 2


def test_a_bad_item_is_refused_alone_with_pointers_into_itself(app: ApiClient) -> None:
    response = send(
        app,
        {"full_name": "A"},
        mail("B", "not an address"),
        {"colour": "red"},
        "no object",
        {"source": "nobody"},
        {"full_name": "C"},
    )
    items = response.json["items"]
    assert [item["status"] for item in items] == [201, 422, 422, 422, 422, 201]
    assert (response.json["succeeded"], response.json["failed"]) == (2, 4)
    assert items[1]["problem"]["errors"][0]["pointer"] == "/emails/0/address"
    assert items[1]["problem"]["instance"] == f"{BATCH}#/items/1"
    assert items[2]["problem"]["errors"][0]["pointer"] == "/colour"
    assert items[3]["problem"]["code"] == "not_an_object"
    assert items[4]["problem"]["errors"][0]["code"] == "identity_missing"
    assert len(app.get(PEOPLE).json["items"]) == 2


def test_an_atomic_batch_with_a_bad_item_stores_nothing(contacts: Contacts, app: ApiClient) -> None:
    response = send(app, {"full_name": "A"}, mail("B", "no"), erp("C", "1"), atomic=True)
    assert (response.status_code, response.json["code"]) == (422, "batch_refused")
    pointers = [error["pointer"] for error in response.json["errors"]]
    assert pointers == ["/items/1/emails/0/address"]
    assert app.get(PEOPLE).json["items"] == []
    assert app.tenant_id is not None
    assert contacts.facts(app.tenant_id) == []
    assert send(app, {"full_name": "A"}, erp("C", "1"), atomic=True).json["succeeded"] == 2


def test_a_taken_external_id_refuses_its_item_alone(app: ApiClient) -> None:
    send(app, erp("A", "1"))
    items = send(app, erp("B", "2"), erp("C", "1"), erp("D", "2"), erp("E", "3")).json["items"]
    assert [item["status"] for item in items] == [201, 409, 409, 201]
    assert items[1]["problem"]["code"] == items[2]["problem"]["code"] == "external_id_taken"


def test_matches_are_warned_of_within_the_batch_and_outside(app: ApiClient) -> None:
    known = send(app, mail("A", "a@rapport.dev")).json["items"][0]
    first, second = send(app, mail("B", "A@rapport.dev"), mail("C", "a@rapport.dev")).json["items"]
    assert [c["person_id"] for c in first["duplicates"]] == [known["id"]]
    assert {c["person_id"] for c in second["duplicates"]} == {known["id"], first["id"]}
    assert second["duplicates"][0]["matched_on"] == ["email"]


def test_matches_are_refused_when_that_is_asked_for(app: ApiClient) -> None:
    path = f"{BATCH}?refuse_duplicates=true"
    people = mail("A", "a@rapport.dev"), mail("B", "a@rapport.dev"), mail("C", "c@rapport.dev")
    items = send(app, *people, path=path).json["items"]
    assert [item["status"] for item in items] == [201, 409, 201]


def test_who_is_known_by_the_key_is_changed(app: ApiClient) -> None:
    path = f"{BATCH}?upsert_by=erp"
    first = send(app, erp("A", "1", source="fair"), erp("B", "2"), path=path).json["items"]
    second = send(
        app, erp("A2", "1"), erp("B", "2"), erp("C", "3"), erp("C2", "3"), mail("D", "d@x.dev"),
        path=path,
    ).json["items"]  # fmt: skip
    assert [item["status"] for item in second] == [200, 200, 201, 200, 422]
    assert [item.get("version") for item in second] == [2, 1, 1, 2, None]
    assert [item["id"] for item in second[:2]] == [item["id"] for item in first]
    assert second[2]["id"] == second[3]["id"]
    assert second[4]["problem"]["errors"][0]["code"] == "key_missing"
    changed = app.get(f"{PEOPLE}/{first[0]['id']}").json
    assert (changed["full_name"], changed["source"]) == ("A2", "fair")
    assert app.get(f"{PEOPLE}/{second[2]['id']}").json["full_name"] == "C2"


def test_several_batches_at_once_make_each_person_once(app: ApiClient) -> None:
    people = [erp(f"P{n}", str(n)) for n in range(30)]

    def run(shift: int) -> list[int]:
        turned = people[shift:] + people[:shift]
        answer = send(app, *turned, path=f"{BATCH}?upsert_by=erp")
        assert answer.status_code == 200, answer.text
        return [item["status"] for item in answer.json["items"]]

    with ThreadPoolExecutor(4) as pool:
        statuses = [status for each in pool.map(run, (0, 7, 15, 22)) for status in each]
    assert statuses.count(201) == 30
    assert statuses.count(200) == 90
    assert len(app.get(f"{PEOPLE}?page_size=200").json["items"]) == 30


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_one_to_a_thousand_items(app: ApiClient, count: int) -> None:
    response = send(app, *([{"full_name": "A"}] * count))
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "/items"


def test_a_thousand_people_fit_in_one_batch(app: ApiClient) -> None:
    response = send(app, *[mail(f"P{n}", f"p{n}@rapport.dev") for n in range(1000)])
    assert (response.json["succeeded"], response.json["failed"]) == (1000, 0)
    assert app.get(f"{PEOPLE}?count=true&page_size=1").json["total_count"] == 1000


def test_the_same_key_and_batch_is_answered_again_and_done_once(app: ApiClient) -> None:
    headers = {"Idempotency-Key": "batch-1"}
    body = {"items": [{"full_name": "A"}, {"source": "x"}]}
    first = app.post(BATCH, body, headers=headers)
    again = app.post(BATCH, body, headers=headers)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(app.get(PEOPLE).json["items"]) == 1


def test_who_sees_only_their_own_enters_only_their_own(contacts: Contacts) -> None:
    me, tenant = uuid4(), contacts.new_tenant()
    contacts.app_client(tenant).post(PEOPLE, mail("Secret", "a@rapport.dev"))
    user = contacts.user_client(tenant, {"contacts.people.write": "own"}, user_id=me)
    mine, others = send(
        user, mail("A", "a@rapport.dev"), {"full_name": "B", "owner_id": str(uuid4())}
    ).json["items"]
    assert (mine["status"], mine["duplicates"]) == (201, [])
    assert (others["status"], others["problem"]["code"]) == (403, "owner_out_of_reach")


def test_a_batch_needs_the_permission_to_write(contacts: Contacts) -> None:
    reader = contacts.app_client(contacts.new_tenant(), "contacts.people.read")
    assert send(reader, {"full_name": "A"}).status_code == 403
