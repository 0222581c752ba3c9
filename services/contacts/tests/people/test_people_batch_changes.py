"""The same change to many people: each by itself, as far as the caller reaches."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE, person

Contacts = ServiceHarness[ContactsTx]


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def update(app: ApiClient, *ids: str, **changes: Any) -> ApiAnswer:
    return app.post(f"{PEOPLE}/batch-update", {"items": [{"id": i} for i in ids], **changes})


def archive(app: ApiClient, *ids: str, **options: Any) -> ApiAnswer:
    return app.post(f"{PEOPLE}/batch-archive", {"items": [{"id": i} for i in ids], **options})


def shown(app: ApiClient, person_id: str) -> dict[str, Any]:
    one: dict[str, Any] = app.get(f"{PEOPLE}/{person_id}").json
    return one


def test_tags_owner_and_stage_are_changed_and_the_rest_stays(
    contacts: Contacts, app: ApiClient
) -> None:
    owner = str(uuid4())
    one = person(app, "A", tags=["old", "kept"], source="fair")
    other = person(app, "B", tags=["vip"], lifecycle_stage="customer")
    answer = update(app, one, other, add_tags=["vip"], remove_tags=["old"], owner_id=owner).json
    assert [(item["status"], item["version"]) for item in answer["items"]] == [(200, 2), (200, 2)]
    changed = shown(app, one)
    assert (changed["tags"], changed["owner_id"]) == (["kept", "vip"], owner)
    assert (changed["source"], shown(app, other)["lifecycle_stage"]) == ("fair", "customer")
    assert app.get(f"{PEOPLE}?tag=old").json["items"] == []
    assert app.tenant_id is not None
    assert contacts.facts(app.tenant_id)[-1][0].endswith(".PersonChanged")


def test_who_is_not_there_is_refused_alone(contacts: Contacts, app: ApiClient) -> None:
    foreign = person(contacts.app_client(contacts.new_tenant()))
    one, put_away = person(app), person(app)
    app.delete(f"{PEOPLE}/{put_away}")
    items = update(app, one, str(uuid4()), foreign, put_away, "x", add_tags=["vip"]).json["items"]
    assert [item["status"] for item in items] == [200, 404, 404, 409, 422]
    assert shown(app, one)["tags"] == ["vip"]


def test_an_atomic_change_with_somebody_missing_changes_nobody(app: ApiClient) -> None:
    one = person(app)
    response = update(app, one, str(uuid4()), add_tags=["vip"], atomic=True)
    assert (response.status_code, response.json["code"]) == (422, "batch_refused")
    assert shown(app, one)["version"] == 1


def test_the_same_person_twice_is_changed_once(app: ApiClient) -> None:
    one = person(app)
    items = update(app, one, one, add_tags=["vip"]).json["items"]
    assert [item["version"] for item in items] == [2, 2]


def test_people_are_archived_together(app: ApiClient) -> None:
    ids = [person(app) for _ in range(3)]
    answer = archive(app, *ids[:2], ids[0]).json
    assert (answer["succeeded"], answer["failed"]) == (3, 0)
    assert [one["id"] for one in app.get(PEOPLE).json["items"]] == [ids[2]]


def test_reach_and_permission_bound_what_is_changed(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    app = contacts.app_client(tenant)
    mine, theirs = person(app, owner_id=str(me)), person(app, owner_id=str(uuid4()))
    user = contacts.user_client(tenant, {"contacts.people.write": "own"}, user_id=me)
    items = update(user, mine, theirs, add_tags=["x"]).json["items"]
    assert [item["status"] for item in items] == [200, 404]
    given = update(user, mine, owner_id=str(uuid4())).json["items"]
    assert given[0]["problem"]["code"] == "owner_out_of_reach"
    assert archive(user, mine).status_code == 403
    assert shown(app, theirs)["version"] == 1


def test_nobody_gets_more_tags_than_a_person_may_have(app: ApiClient) -> None:
    one, other = person(app), person(app)
    for part in range(5):
        update(app, one, add_tags=[f"{part}-{number}" for number in range(20)])
    answer = update(app, one, other, add_tags=["more"])
    assert [each["status"] for each in answer.json["items"]] == [422, 200]
    assert answer.json["items"][0]["problem"]["errors"][0]["code"] == "too_many"
    assert len(shown(app, one)["tags"]) == 100
    exchanged = update(app, one, add_tags=["more"], remove_tags=["0-0"])
    assert exchanged.json["succeeded"] == 1
    # What was read can be sent back.
    told = {"tags": shown(app, one)["tags"]}
    assert app.patch(f"{PEOPLE}/{one}", told).status_code == 200
