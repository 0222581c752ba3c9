"""Kinds of interactions are data: the platform's, and what a tenant makes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.interaction_kinds.built_in import BUILT_IN
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import interaction_kind_events_pb2 as events

Contacts = ServiceHarness[ContactsTx]
KINDS = "/v1/contacts/interaction-kinds"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def kind(app: ApiClient, key: str) -> dict[str, Any]:
    (found,) = app.get(f"{KINDS}?key={key}&archived=any").json["items"]
    assert isinstance(found, dict)
    return found


def body(**more: Any) -> dict[str, Any]:
    return {"key": "test_drive", "label": {"en": "Test drive"}, **more}


def test_listing_needs_a_token_and_defining_the_permission(contacts: Contacts) -> None:
    assert contacts.anonymous().get(KINDS).status_code == 401
    reader = contacts.app_client(contacts.new_tenant(), "contacts.interaction_kinds.read")
    assert reader.get(KINDS).status_code == 200
    assert reader.post(KINDS, body()).status_code == 403


def test_every_tenant_has_the_platforms_kinds_page_by_page(app: ApiClient) -> None:
    seen: list[dict[str, Any]] = []
    token = ""
    while True:
        page = app.get(f"{KINDS}?page_size=7&count=true{token}").json
        seen += page["items"]
        if page["next_page_token"] is None:
            break
        token = f"&page_token={page['next_page_token']}"
    assert [item["key"] for item in seen] == sorted(BUILT_IN)
    assert page["total_count"] == len(BUILT_IN)
    assert all(item["built_in"] and item["version"] == 0 for item in seen)
    sign_up = next(item for item in seen if item["key"] == "sign_up")
    assert (sign_up["sign_of_life"], sign_up["direction"]) == (True, "inbound")
    assert app.get(f"{KINDS}/{sign_up['id']}").json == sign_up


def test_every_kind_of_the_platform_could_be_a_tenants(app: ApiClient) -> None:
    for key in BUILT_IN:
        answer = app.patch(f"{KINDS}/{kind(app, key)['id']}", {"label": {"en": key}})
        assert (answer.status_code, answer.json["version"]) == (200, 1), key
    assert len(app.get(f"{KINDS}?page_size=200").json["items"]) == len(BUILT_IN)


def test_filters_narrow_the_list(app: ApiClient) -> None:
    lost = app.get(f"{KINDS}?sign_of_life=false&direction=inbound").json["items"]
    assert [item["key"] for item in lost] == ["returned_mail"]


def test_a_tenants_own_kind_is_its_own(contacts: Contacts, app: ApiClient) -> None:
    rules = [{"key": "model", "type": "text", "required": True}]
    response = app.post(KINDS, body(sign_of_life=True, direction="neutral", properties=rules))
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"{KINDS}/{response.json['id']}"
    assert app.get(response.headers["Location"]).json == response.json
    assert kind(app, "test_drive") == response.json
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(f"{KINDS}?key=test_drive").json["items"] == []
    assert stranger.get(response.headers["Location"]).status_code == 404
    assert stranger.patch(response.headers["Location"], {"sign_of_life": False}).status_code == 404
    assert app.tenant_id is not None
    ((type_, payload),) = contacts.facts(app.tenant_id)
    assert type_ == "rapport.contacts.events.v1.InteractionKindDefined"
    fact = events.InteractionKindDefined.FromString(payload)
    assert (fact.key, fact.direction) == ("test_drive", events.INTERACTION_DIRECTION_NEUTRAL)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"key": "Test drive"}, "/key"),
        ({"label": {}}, "/label"),
        ({"label": {"klingonese": "x"}}, "/label/klingonese"),
        ({"direction": "sideways"}, "/direction"),
        ({"properties": [{"key": "a", "type": "colour"}]}, "/properties/0/type"),
        ({"properties": [{"key": "a", "type": "text"}] * 2}, "/properties/1/key"),
    ],
)
def test_a_kind_that_cannot_be_is_refused_at_the_place_that_is_wrong(
    app: ApiClient, given: dict[str, Any], pointer: str
) -> None:
    response = app.post(KINDS, body(**given))
    assert response.status_code == 422
    assert pointer in {error["pointer"] for error in response.json["errors"]}


def test_a_key_is_taken_once_by_tenant_or_platform(app: ApiClient) -> None:
    assert app.post(KINDS, body()).status_code == 201
    for key in ("test_drive", "sign_up"):
        again = app.post(KINDS, body(key=key))
        assert (again.status_code, again.json["code"]) == (409, "interaction_kind_exists")


def test_a_kind_of_the_platform_is_changed_for_one_tenant(
    contacts: Contacts, app: ApiClient
) -> None:
    url = f"{KINDS}/{kind(app, 'click')['id']}"
    stale = app.patch(url, {"sign_of_life": False}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = app.patch(url, {"sign_of_life": False}, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"1"')
    assert changed.json["label"] == dict(BUILT_IN["click"].label)
    assert kind(app, "click") == changed.json
    assert app.delete(url).status_code == 204
    assert kind(app, "click")["archived_at"] is not None
    assert "click" not in {k["key"] for k in app.get(f"{KINDS}?page_size=200").json["items"]}
    assert app.patch(url, {"sign_of_life": True}).json["code"] == "archived"
    assert app.post(f"{url}/restore").json["archived_at"] is None
    stranger = contacts.app_client(contacts.new_tenant())
    assert kind(stranger, "click")["sign_of_life"] is True


def test_two_who_change_a_kind_of_the_platform_at_once_lose_nothing(app: ApiClient) -> None:
    url = f"{KINDS}/{kind(app, 'visit')['id']}"
    changes: list[dict[str, Any]] = [{"sign_of_life": False}, {"direction": "neutral"}] * 4

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda change: app.patch(url, change).status_code, changes))
    assert statuses == {200}
    changed = kind(app, "visit")
    assert (changed["sign_of_life"], changed["direction"]) == (False, "neutral")
    assert changed["version"] == 2
