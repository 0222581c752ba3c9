"""Typing into the search over all: people and companies in one order, and what of them was typed."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

from .conftest import COMPANIES, SEARCH, companies_found, enter, enter_company, found

Contacts = ServiceHarness[ContactsTx]


def titles(client: ApiClient, typed: str, more: str = "") -> list[str]:
    """The titles of what a search over all has."""
    return [record["title"] for record in found(client, typed, more)]


def test_searching_needs_a_token_and_one_of_two_permissions(contacts: Contacts) -> None:
    assert contacts.anonymous().get(f"{SEARCH}?q=a").status_code == 401
    tenant = contacts.new_tenant()
    response = contacts.app_client(tenant, "contacts.people.write").get(f"{SEARCH}?q=a")
    assert (response.status_code, response.json["code"]) == (403, "permission_missing")
    reader = contacts.app_client(tenant, "contacts.people.read")
    assert reader.get(f"{SEARCH}?q=a").status_code == 200
    assert reader.get(f"{SEARCH}?q=a&type=company").status_code == 403


def test_only_those_kinds_are_found_that_the_caller_may_read(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    app = contacts.app_client(tenant)
    enter(app, "Mary Wang")
    enter_company(app, "Mary's Foods")
    assert titles(app, "mary") == ["Mary Wang", "Mary's Foods"]
    assert titles(contacts.app_client(tenant, "contacts.people.read"), "mary") == ["Mary Wang"]
    readers = contacts.app_client(tenant, "contacts.companies.read")
    assert titles(readers, "mary") == ["Mary's Foods"]
    assert titles(app, "mary", "&type=person") == ["Mary Wang"]
    assert titles(app, "mary", "&type=company") == ["Mary's Foods"]


def test_reach_holds_for_each_kind_by_itself(contacts: Contacts) -> None:
    tenant, mine = contacts.new_tenant(), uuid4()
    app = contacts.app_client(tenant)
    enter(app, "Mary Mine", owner_id=str(mine))
    enter(app, "Mary Other")
    enter_company(app, "Mary Foods")
    grants = {"contacts.people.read": "own", "contacts.companies.read": "all"}
    user = contacts.user_client(tenant, grants, user_id=mine)
    assert titles(user, "mary") == ["Mary Mine", "Mary Foods"]
    assert titles(user, "mray") == ["Mary Mine", "Mary Foods"]


def test_another_tenant_finds_nothing(contacts: Contacts, app: ApiClient) -> None:
    enter(app, "Mary Wang", "mary@bugle.com", "+886912345678")
    enter_company(app, "Mary Foods", domain="foods.tw")
    stranger = contacts.app_client(contacts.new_tenant())
    for typed in ("mary", "bugle", "5678", "foods", "mray"):
        assert titles(stranger, typed) == []


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("acme", ["Acme Foods Inc."]),
        ("foods acme", ["Acme Foods Inc."]),
        ("acme.c", ["Acme Foods Inc."]),
        ("info@acme", ["Acme Foods Inc."]),
        ("02 2345", ["Acme Foods Inc."]),
        ("台積", ["台積電股份有限公司"]),
        ("臺積電", ["台積電股份有限公司"]),
        ("積電", ["台積電股份有限公司"]),
        ("tsmc", ["台積電股份有限公司"]),
        ("有限公司", []),
        ("inc", []),
        ("acem", ["Acme Foods Inc."]),
    ],
)
def test_companies_are_found_by_name_domain_address_and_number(
    app: ApiClient, typed: str, names: list[str]
) -> None:
    enter_company(
        app,
        "Acme Foods Inc.",
        domain="acme.com.tw",
        emails=[{"address": "info@acme.com.tw"}],
        phones=[{"number": "+886223456789"}],
    )
    enter_company(app, "台積電股份有限公司", legal_name="TSMC Ltd.")
    enter(app, "王小明", "", "+886933111222")
    assert companies_found(app, typed) == names
    assert titles(app, typed, "&type=company") == names


def test_a_company_is_found_by_what_it_is_now_and_only_while_it_is_in_use(app: ApiClient) -> None:
    company = enter_company(app, "Acme Foods")
    assert app.patch(f"{COMPANIES}/{company}", {"name": "Zenith"}).status_code == 200
    assert (companies_found(app, "acme"), companies_found(app, "zenith")) == ([], ["Zenith"])
    assert app.delete(f"{COMPANIES}/{company}").status_code == 204
    assert companies_found(app, "zenith") == []
    assert app.post(f"{COMPANIES}/{company}/restore").status_code == 200
    assert companies_found(app, "zneith") == ["Zenith"]


def test_a_found_company_is_shown_with_its_parent_when_that_is_asked(app: ApiClient) -> None:
    parent = enter_company(app, "Holding")
    enter_company(app, "Acme", parent_company_id=parent)
    answer = app.get(f"{COMPANIES}?q=acme&expand=parent").json
    assert answer["items"][0]["parent"]["name"] == "Holding"


@pytest.mark.parametrize(
    ("typed", "matched_on", "parts"),
    [
        ("wang", "name", ["José ", "[Wang]"]),
        ("jo wa", "name", ["[Jo]", "sé ", "[Wa]", "ng"]),
        ("jose", "name", ["[José]", " Wang"]),
        ("wnag", "name", ["José ", "[Wang]"]),
        ("jose.w@bu", "email", ["[jose.w@bu]", "gle.com"]),
        ("bugle", "email", ["jose.w@", "[bugle]", ".com"]),
        ("5678", "phone", ["+88691234", "[5678]"]),
        ("0912345678", "phone", ["+886", "[912345678]"]),
        ("0912345", "phone", ["+886", "[912345]", "678"]),
    ],
)
def test_it_says_what_of_the_match_was_typed(
    app: ApiClient, typed: str, matched_on: str, parts: list[str]
) -> None:
    enter(app, "José Wang", "jose.w@bugle.com", "+886912345678")
    (record,) = found(app, typed)
    shown = [f"[{part['text']}]" if part["hit"] else part["text"] for part in record["matched"]]
    assert (record["matched_on"], shown) == (matched_on, parts)
    assert (record["title"], record["subtitle"]) == ("José Wang", "jose.w@bugle.com")
    assert record["corrected"] is (typed == "wnag")


def test_chinese_is_shown_where_it_stands(app: ApiClient) -> None:
    enter(app, "王小明")
    (record,) = found(app, "小明")
    assert record["matched"] == [{"text": "王", "hit": False}, {"text": "小明", "hit": True}]


def test_who_has_no_name_is_shown_by_an_address_or_a_number(app: ApiClient) -> None:
    enter(app, "", "nobody@bugle.com", "+886912345678")
    (record,) = found(app, "5678")
    assert (record["title"], record["subtitle"]) == ("nobody@bugle.com", "+886912345678")


def test_there_are_as_many_as_asked_for_the_best_first(app: ApiClient) -> None:
    for name in ("Linda", "Lin Mei", "Lin"):
        enter(app, name)
    enter_company(app, "Lin")
    assert titles(app, "lin") == ["Lin", "Lin", "Lin Mei", "Linda"]
    assert titles(app, "lin", "&page_size=3") == ["Lin", "Lin", "Lin Mei"]


def test_the_archived_who_are_found_by_a_key_are_left_out(app: ApiClient) -> None:
    person = enter(app, "Mary", "mary@bugle.com")
    assert app.delete(f"/v1/contacts/people/{person}").status_code == 204
    assert titles(app, "mary@bugle.com") == []


@pytest.mark.parametrize("more", ["", "q=", "q=%20%20", "q=a&page_size=51", "q=a&page_size=0"])
def test_a_search_for_nothing_or_too_much_is_refused(app: ApiClient, more: str) -> None:
    assert app.get(f"{SEARCH}?{more}").status_code == 400


@pytest.mark.parametrize(
    "typed", ["%00", "%F0%9F%98%80", "%ff", "%F4%8F%BF%BF@", "'%22;--", "%25_"]
)
def test_odd_characters_find_nothing_and_break_nothing(app: ApiClient, typed: str) -> None:
    enter(app, "Mary Wang", "mary@bugle.com")
    response = app.get(f"{SEARCH}?q={typed}")
    assert response.status_code == 400 or response.json["items"] == []
