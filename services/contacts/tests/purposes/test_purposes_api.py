"""Purposes are data: the platform's, and what a tenant makes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.purposes.built_in import BUILT_IN
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import consent_events_pb2 as events

Contacts = ServiceHarness[ContactsTx]
PURPOSES = "/v1/contacts/purposes"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def purpose(app: ApiClient, key: str) -> dict[str, Any]:
    (found,) = app.get(f"{PURPOSES}?key={key}&archived=any").json["items"]
    assert isinstance(found, dict)
    return found


def body(**more: Any) -> dict[str, Any]:
    return {"key": "events", "name": {"en": "Events", "zh-Hant": "活動"}, **more}


def test_listing_needs_a_token_and_defining_the_permission(contacts: Contacts) -> None:
    assert contacts.anonymous().get(PURPOSES).status_code == 401
    reader = contacts.app_client(contacts.new_tenant(), "contacts.purposes.read")
    assert reader.get(PURPOSES).status_code == 200
    assert reader.post(PURPOSES, body()).status_code == 403


def test_every_tenant_has_the_platforms_purposes(app: ApiClient) -> None:
    page = app.get(f"{PURPOSES}?count=true").json
    assert [item["key"] for item in page["items"]] == sorted(BUILT_IN)
    assert page["total_count"] == len(BUILT_IN)
    assert all(item["built_in"] and item["version"] == 0 for item in page["items"])
    newsletter = purpose(app, "newsletter")
    assert (newsletter["kind"], newsletter["double_opt_in"]) == ("promotional", True)
    assert newsletter["name"]["zh-Hant"] == "電子報"
    assert purpose(app, "service")["kind"] == "transactional"
    assert app.get(f"{PURPOSES}/{newsletter['id']}").json == newsletter
    promotional = app.get(f"{PURPOSES}?kind=promotional").json["items"]
    assert [item["key"] for item in promotional] == ["newsletter", "offers"]


def test_a_tenants_own_purpose_is_its_own(contacts: Contacts, app: ApiClient) -> None:
    response = app.post(PURPOSES, body(channels=["sms", "email", "sms"], double_opt_in=True))
    assert response.status_code == 201, response.text
    assert response.json["channels"] == ["sms", "email"]
    assert response.headers["Location"] == f"{PURPOSES}/{response.json['id']}"
    assert app.get(response.headers["Location"]).json == response.json
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(f"{PURPOSES}?key=events").json["items"] == []
    assert stranger.get(response.headers["Location"]).status_code == 404
    assert stranger.delete(response.headers["Location"]).status_code == 404
    assert app.tenant_id is not None
    ((type_, payload),) = contacts.facts(app.tenant_id)
    assert type_ == "rapport.contacts.events.v1.PurposeDefined"
    fact = events.PurposeDefined.FromString(payload)
    assert (fact.key, fact.promotional, fact.double_opt_in) == ("events", True, True)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"key": "Events"}, "/key"),
        ({"name": {}}, "/name"),
        ({"name": {"klingonese": "x"}}, "/name/klingonese"),
        ({"description": {"en": 1}}, "/description/en"),
        ({"kind": "vital"}, "/kind"),
        ({"channels": []}, "/channels"),
        ({"channels": ["email", "smoke"]}, "/channels/1"),
        ({"legal_basis": "none"}, "/legal_basis"),
        ({"kind": "transactional", "double_opt_in": True}, "/double_opt_in"),
    ],
)
def test_a_purpose_that_cannot_be_is_refused_at_the_place_that_is_wrong(
    app: ApiClient, given: dict[str, Any], pointer: str
) -> None:
    response = app.post(PURPOSES, body(**given))
    assert response.status_code == 422
    assert pointer in {error["pointer"] for error in response.json["errors"]}


def test_a_key_is_taken_once_by_tenant_or_platform(app: ApiClient) -> None:
    assert app.post(PURPOSES, body()).status_code == 201
    for key in ("events", "newsletter"):
        again = app.post(PURPOSES, body(key=key))
        assert (again.status_code, again.json["code"]) == (409, "purpose_exists")


def test_a_purpose_of_the_platform_is_changed_for_one_tenant(
    contacts: Contacts, app: ApiClient
) -> None:
    url = f"{PURPOSES}/{purpose(app, 'newsletter')['id']}"
    assert app.patch(url, {"double_opt_in": False}, headers={"If-Match": '"7"'}).status_code == 412
    changed = app.patch(url, {"double_opt_in": False}, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"1"')
    assert changed.json["name"] == dict(BUILT_IN["newsletter"].name)
    assert purpose(app, "newsletter") == changed.json
    assert app.delete(url).status_code == 204
    assert purpose(app, "newsletter")["archived_at"] is not None
    assert app.patch(url, {"double_opt_in": True}).json["code"] == "archived"
    assert app.post(f"{url}/restore").json["archived_at"] is None
    assert app.tenant_id is not None
    told = [events.PurposeDefined.FromString(fact) for _, fact in contacts.facts(app.tenant_id)]
    assert [(fact.double_opt_in, fact.archived) for fact in told] == [
        (False, False),
        (False, True),
        (False, False),
    ]
    stranger = contacts.app_client(contacts.new_tenant())
    assert purpose(stranger, "newsletter")["double_opt_in"] is True


def test_two_who_change_a_purpose_of_the_platform_at_once_lose_nothing(app: ApiClient) -> None:
    url = f"{PURPOSES}/{purpose(app, 'offers')['id']}"
    changes: list[dict[str, Any]] = [{"double_opt_in": False}, {"channels": ["post"]}] * 4
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda change: app.patch(url, change).status_code, changes))
    assert statuses == {200}
    changed = purpose(app, "offers")
    assert (changed["double_opt_in"], changed["channels"]) == (False, ["post"])
    assert changed["version"] == 2
