"""Apps record what people did, once, whenever they get round to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import interaction_events_pb2 as events

from .conftest import INTERACTIONS, PEOPLE, Enter

Contacts = ServiceHarness[ContactsTx]
KINDS = "/v1/contacts/interaction-kinds"


def report(person: str, **more: Any) -> dict[str, Any]:
    return {"kind": "visit", "person": {"id": person}, **more}


def record(app: ApiClient, **given: Any) -> dict[str, Any]:
    response = app.post(INTERACTIONS, given)
    assert response.status_code == 201, response.text
    recorded: dict[str, Any] = response.json
    return recorded


def test_recording_needs_a_token_and_the_permission(contacts: Contacts, app: ApiClient) -> None:
    assert contacts.anonymous().get(INTERACTIONS).status_code == 401
    reader = contacts.app_client(contacts.new_tenant(), "contacts.interactions.read")
    assert reader.get(INTERACTIONS).json["items"] == []
    assert reader.post(INTERACTIONS, report(str(uuid4()))).status_code == 403
    assert app.get(INTERACTIONS).json["items"] == []


def test_an_interaction_is_recorded_and_becomes_a_fact(
    contacts: Contacts, app: ApiClient, enter: Enter
) -> None:
    person = enter()
    given = report(
        person,
        kind="purchase",
        channel="shop",
        occurred_at="2026-01-31T20:00:00+08:00",
        value={"amount": "1250.00", "currency": "TWD"},
        properties={"order": "A-1", "lines": [{"sku": "x", "count": 2}]},
        external_id={"system": "pos", "id": "4711"},
    )
    response = app.post(INTERACTIONS, given)
    assert response.status_code == 201, response.text
    one = response.json
    assert response.headers["Location"] == f"{INTERACTIONS}/{one['id']}"
    assert UUID(one["id"]).version == 7
    assert (one["person_id"], one["occurred_at"]) == (person, "2026-01-31T12:00:00Z")
    assert (one["value"], one["properties"]) == (given["value"], given["properties"])
    assert app.get(f"{INTERACTIONS}/{one['id']}").json == one
    assert app.get(INTERACTIONS).json["items"] == [one]
    assert app.get(f"{PEOPLE}/{person}/interactions").json["items"] == [one]
    assert app.tenant_id is not None
    kind, payload = contacts.facts(app.tenant_id)[-1]
    assert kind == "rapport.contacts.events.v1.InteractionRecorded"
    fact = events.InteractionRecorded.FromString(payload)
    assert (fact.interaction_id, fact.person_id, fact.channel) == (one["id"], person, "shop")
    assert (fact.value.amount, fact.value.currency) == ("1250.00", "TWD")
    assert fact.occurred_at.ToJsonString() == "2026-01-31T12:00:00Z"
    assert b"A-1" not in payload


def test_another_tenants_interactions_and_people_do_not_exist(
    contacts: Contacts, app: ApiClient, enter: Enter
) -> None:
    person = enter(emails=[{"address": "a@rapport.dev"}])
    one = record(app, **report(person))
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(INTERACTIONS).json["items"] == []
    assert stranger.get(f"{INTERACTIONS}/{one['id']}").status_code == 404
    assert stranger.get(f"{PEOPLE}/{person}/interactions").status_code == 404
    assert stranger.get(f"{PEOPLE}/{person}/signs-of-life").status_code == 404
    for key in ({"id": person}, {"email": "a@rapport.dev"}):
        refused = stranger.post(INTERACTIONS, {"kind": "visit", "person": key})
        assert refused.json["errors"][0]["code"] == "person_unknown"
    assert len(app.get(INTERACTIONS).json["items"]) == 1


def test_a_person_is_known_by_id_by_external_id_or_by_address(app: ApiClient, enter: Enter) -> None:
    person = enter(
        emails=[{"address": "Ming@rapport.dev"}], external_ids=[{"system": "erp", "id": "7"}]
    )
    keys = (
        {"id": person},
        {"external_id": {"system": "erp", "id": "7"}},
        {"email": "ming@RAPPORT.dev"},
    )
    for key in keys:
        assert record(app, kind="visit", person=key)["person_id"] == person


def test_an_address_of_several_people_names_none_of_them(app: ApiClient, enter: Enter) -> None:
    mine = enter(emails=[{"address": "family@rapport.dev"}])
    enter(emails=[{"address": "family@rapport.dev"}])
    given = {"kind": "visit", "person": {"email": "family@rapport.dev"}}
    refused = app.post(INTERACTIONS, given)
    assert refused.json["errors"][0]["code"] == "person_ambiguous"
    app.delete(f"{PEOPLE}/{mine}")
    assert record(app, **given)["person_id"] != mine


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"kind": "teleport"}, "/kind"),
        ({"person": {}}, "/person"),
        ({"person": {"id": str(uuid4()), "email": "a@b.dev"}}, "/person"),
        ({"person": {"id": str(uuid4())}}, "/person"),
        ({"person": {"external_id": {"system": "erp", "id": "none"}}}, "/person"),
        ({"channel": "E Mail"}, "/channel"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"occurred_at": "2026-01-31T12:00:00"}, "/occurred_at"),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, "/occurred_at"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "/occurred_at"),
        ({"value": {"amount": 5, "currency": "TWD"}}, "/value/amount"),
        ({"value": {"amount": "five", "currency": "TWD"}}, "/value"),
        ({"value": {"amount": "5", "currency": "XXZ"}}, "/value"),
        ({"properties": {"text": "x" * 20_000}}, "/properties"),
        ({"properties": {str(n): n for n in range(101)}}, "/properties"),
        ({"properties": []}, "/properties"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_cannot_be_is_refused_at_the_place_that_is_wrong(
    app: ApiClient, enter: Enter, given: dict[str, Any], pointer: str
) -> None:
    response = app.post(INTERACTIONS, {**report(enter()), **given})
    assert response.status_code == 422, response.text
    assert pointer in {error["pointer"] for error in response.json["errors"]}
    assert app.get(INTERACTIONS).json["items"] == []


def test_a_kind_says_which_properties_there_have_to_be(app: ApiClient, enter: Enter) -> None:
    rules = [
        {"key": "model", "type": "text", "required": True},
        {"key": "km", "type": "number"},
        {"key": "liked", "type": "boolean"},
        {"key": "on", "type": "date"},
        {"key": "at", "type": "time"},
    ]
    kind = {"key": "test_drive", "label": {"en": "Test drive"}, "properties": rules}
    kind_id = app.post(KINDS, kind).json["id"]
    good = {
        "model": "T",
        "km": 12.5,
        "liked": True,
        "on": "2026-01-31",
        "at": "2026-01-31T12:00:00Z",
    }
    drive = report(enter(), kind="test_drive")
    record(app, **drive, properties={**good, "more": None})
    wrong = {"km": "12", "liked": 1, "on": "31.1.", "at": "noon"}
    response = app.post(INTERACTIONS, {**drive, "properties": wrong})
    codes = {error["pointer"]: error["code"] for error in response.json["errors"]}
    assert codes == {
        "/properties/model": "property_missing",
        **{f"/properties/{key}": "property_wrong" for key in wrong},
    }
    app.delete(f"{KINDS}/{kind_id}")
    response = app.post(INTERACTIONS, {**drive, "properties": good})
    assert response.json["errors"][0]["code"] == "interaction_kind_archived"


def test_a_clock_that_is_a_little_ahead_is_forgiven(
    timed: Contacts, clock: MovableClock, app: ApiClient, enter: Enter
) -> None:
    assert app.tenant_id is not None
    here, person, now = timed.app_client(app.tenant_id), enter(), clock.now()
    assert record(here, **report(person))["occurred_at"] == f"{now:%Y-%m-%dT%H:%M:%SZ}"
    soon = report(person, occurred_at=(now + timedelta(minutes=5)).isoformat())
    later = report(person, occurred_at=(now + timedelta(minutes=5, seconds=1)).isoformat())
    record(here, **soon)
    refused = here.post(INTERACTIONS, later)
    assert refused.json["errors"][0]["code"] == "occurs_in_future"
    clock.move(timedelta(seconds=1))
    record(here, **later)


def test_a_report_that_is_sent_again_is_recorded_once(
    contacts: Contacts, app: ApiClient, enter: Enter
) -> None:
    given = report(enter(), external_id={"system": "web", "id": "1"})
    first = record(app, **given)
    again = app.post(INTERACTIONS, {**given, "kind": "click"})
    assert (again.status_code, again.json) == (200, first)
    assert app.tenant_id is not None
    kinds = [kind.rpartition(".")[2] for kind, _ in contacts.facts(app.tenant_id)]
    assert kinds == ["PersonCreated", "InteractionRecorded"]


def test_many_who_report_the_same_at_once_make_one(app: ApiClient, enter: Enter) -> None:
    given = report(enter(), external_id={"system": "web", "id": "1"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: app.post(INTERACTIONS, given), range(16)))
    assert {answer.status_code for answer in answers} == {200, 201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(app.get(INTERACTIONS).json["items"]) == 1


def test_the_same_key_and_body_is_answered_again_and_done_once(
    app: ApiClient, enter: Enter
) -> None:
    headers, given = {"Idempotency-Key": "one"}, report(enter())
    first = app.post(INTERACTIONS, given, headers=headers)
    again = app.post(INTERACTIONS, given, headers=headers)
    assert (again.status_code, again.json) == (201, first.json)
    assert len(app.get(INTERACTIONS).json["items"]) == 1


def test_reach_decides_about_whose_people_one_reports_and_reads(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    admin = contacts.app_client(tenant)
    mine = admin.post(PEOPLE, {"full_name": "A", "owner_id": str(me)}).json["id"]
    theirs = admin.post(PEOPLE, {"full_name": "B"}).json["id"]
    grants = {"contacts.interactions.read": "own", "contacts.interactions.write": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    other = record(admin, **report(theirs, external_id={"system": "web", "id": "1"}))
    own = record(user, **report(mine))
    assert user.post(INTERACTIONS, report(theirs)).json["errors"][0]["code"] == "person_unknown"
    assert [i["id"] for i in user.get(INTERACTIONS).json["items"]] == [own["id"]]
    assert user.get(f"{INTERACTIONS}/{other['id']}").status_code == 404
    assert user.get(f"{PEOPLE}/{theirs}/interactions").status_code == 404
    taken = user.post(INTERACTIONS, report(mine, external_id={"system": "web", "id": "1"}))
    assert (taken.status_code, taken.json["code"]) == (409, "external_id_taken")
    assert len(admin.get(INTERACTIONS).json["items"]) == 2
