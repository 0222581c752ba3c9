"""Lists are narrowed by custom fields, by way of an index, as the runtime login."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

from .conftest import FIELDS, Define

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"


def enter(app: ApiClient, name: str, **custom: Any) -> str:
    response = app.post(PEOPLE, {"full_name": name, "custom_fields": custom})
    assert response.status_code == 201, response.text
    return str(response.json["id"])


def found(app: ApiClient, query: str) -> str:
    """The names of those whom a list shows, joined."""
    response = app.get(f"{PEOPLE}?sort=full_name&{query}")
    assert response.status_code == 200, response.text
    return "".join(person["full_name"] for person in response.json["items"])


@pytest.fixture
def crowd(app: ApiClient, define: Define) -> ApiClient:
    """Five people, A to E, with values of every type; E has none."""
    choices = [{"key": key, "label": {"en": key}} for key in ("red", "blue", "grey")]
    define("note", "text")
    define("size", "number")
    define("budget", "money")
    define("since", "date")
    define("colour", "choice", choices=choices)
    define("likes", "multi_choice", choices=choices)
    define("vip", "boolean")
    define("site", "link")
    define("friend", "reference", reference_to="person")
    first = enter(
        app, "A", note="alpha", size="-2.5", budget={"amount": "900", "currency": "TWD"},
        since="2025-12-31", colour="red", likes=["red", "blue"], vip=True,
        site="https://a.example/x",
    )  # fmt: skip
    enter(app, "B", note="alphabet", size="9", budget={"amount": "1000", "currency": "TWD"},
          since="2026-01-01", colour="blue", likes=["blue"], vip=False, friend=first)  # fmt: skip
    enter(app, "C", note="beta", size="10", budget={"amount": "5000", "currency": "JPY"},
          since="2026-06-30", colour="red", site="https://b.example/")  # fmt: skip
    enter(app, "D", note="é, 王", size="100", budget={"amount": "20000.5", "currency": "TWD"})
    enter(app, "E")
    return app


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("custom.note=alpha", "A"),
        ("custom.note[prefix]=alpha", "AB"),
        ("custom.note[in]=alpha,beta", "AC"),
        ("custom.size=9.0", "B"),
        ("custom.size[gt]=9", "CD"),
        ("custom.size[gte]=-2.5&custom.size[lt]=10", "AB"),
        ("custom.size[lte]=-1", "A"),
        ("custom.budget[gte]=1000 TWD", "BD"),
        ("custom.budget[lt]=1000 TWD", "A"),
        ("custom.budget[gt]=0 JPY", "C"),
        ("custom.budget=20000.50 TWD", "D"),
        ("custom.since[gte]=2026-01-01", "BC"),
        ("custom.since[in]=2025-12-31,2026-06-30", "AC"),
        ("custom.colour=red", "AC"),
        ("custom.colour[ne]=red", "BDE"),
        ("custom.colour[in]=blue,grey", "B"),
        ("custom.likes=blue", "AB"),
        ("custom.likes[ne]=red", "BCDE"),
        ("custom.vip=true", "A"),
        ("custom.vip=false", "B"),
        ("custom.site[prefix]=https://b.", "C"),
        ("custom.colour=red&custom.size[gt]=0", "C"),
    ],
)
def test_a_list_shows_whom_the_filters_let_through(
    crowd: ApiClient, query: str, names: str
) -> None:
    assert found(crowd, query) == names
    assert crowd.get(f"{PEOPLE}?count=true&{query}").json["total_count"] == len(names)


def test_a_reference_is_a_filter_and_values_follow_changes(crowd: ApiClient) -> None:
    first = crowd.get(f"{PEOPLE}?full_name=A").json["items"][0]
    assert found(crowd, f"custom.friend={first['id'].upper()}") == "B"
    crowd.patch(f"{PEOPLE}/{first['id']}", {"custom_fields": {"size": "77", "likes": None}})
    assert found(crowd, "custom.size[gt]=10") == "AD"
    assert found(crowd, "custom.size[lt]=0") == ""
    assert found(crowd, "custom.likes=red") == ""


def test_values_of_an_archived_field_can_still_be_found(crowd: ApiClient) -> None:
    fields = crowd.get(f"{FIELDS}?key=colour").json["items"]
    crowd.delete(f"{FIELDS}/{fields[0]['id']}")
    assert found(crowd, "custom.colour=red") == "AC"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("custom.width=1", "custom.width"),
        ("custom.=1", "custom."),
        ("custom.size=big", "custom.size"),
        ("custom.size[prefix]=1", "custom.size[prefix]"),
        ("custom.size[near]=1", "custom.size[near]"),
        ("custom.note[gt]=a", "custom.note[gt]"),
        ("custom.budget[gt]=5", "custom.budget[gt]"),
        ("custom.since=tomorrow", "custom.since"),
        ("custom.colour=mauve", "custom.colour"),
        ("custom.vip=perhaps", "custom.vip"),
        ("custom.friend=nobody", "custom.friend"),
        ("custom.note=" + "x" * 401, "custom.note"),
        ("custom.colour[in]=" + ",".join(["red"] * 201), "custom.colour[in]"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_by_name(
    crowd: ApiClient, query: str, pointer: str
) -> None:
    response = crowd.get(f"{PEOPLE}?{query}")
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (400, pointer)


def test_fields_of_companies_are_no_filters_of_people(app: ApiClient) -> None:
    field = {"object": "company", "key": "size", "type": "number", "label": {"en": "Size"}}
    assert app.post(FIELDS, field).status_code == 201
    assert app.get(f"{PEOPLE}?custom.size=1").status_code == 400


def test_another_tenants_values_are_not_found(
    contacts: Contacts, crowd: ApiClient, app: ApiClient
) -> None:
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(f"{PEOPLE}?custom.size=9").status_code == 400
    field = {"object": "person", "key": "size", "type": "number", "label": {"en": "Size"}}
    stranger.post(FIELDS, field)
    assert stranger.get(f"{PEOPLE}?custom.size=9").json["items"] == []
    assert found(app, "custom.size=9") == "B"
    assert crowd is app


def test_companies_keep_to_their_fields_and_are_found_by_them(app: ApiClient) -> None:
    field = {"object": "company", "key": "seats", "type": "number", "label": {"en": "Seats"}}
    assert app.post(FIELDS, {**field, "required": True}).status_code == 201
    companies = "/v1/contacts/companies"
    refused = app.post(companies, {"name": "A"})
    assert refused.json["errors"][0]["pointer"] == "/custom_fields/seats"
    for name, seats in (("A", "9"), ("B", "10")):
        given = {"name": name, "custom_fields": {"seats": seats}}
        assert app.post(companies, given).status_code == 201
    large = app.get(f"{companies}?custom.seats[gt]=9").json["items"]
    assert [company["name"] for company in large] == ["B"]


def test_the_filters_are_documented(contacts: Contacts) -> None:
    parameters = contacts.service.document()["paths"][PEOPLE]["get"]["parameters"]
    (custom,) = [each for each in parameters if each["name"] == "custom"]
    assert (custom["style"], custom["explode"]) == ("form", True)
    assert custom["schema"]["propertyNames"] == {"pattern": r"^custom\."}
