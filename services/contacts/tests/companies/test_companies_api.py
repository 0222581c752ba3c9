"""Companies over REST: what callers can do, what they are refused, and what nobody else sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import company_events_pb2 as events

Contacts = ServiceHarness[ContactsTx]
COMPANIES = "/v1/contacts/companies"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def enter(client: ApiClient, **details: Any) -> dict[str, Any]:
    """Enter a company and give the answer."""
    response = client.post(COMPANIES, {"name": "大同商行", **details})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json
    return created


def test_listing_needs_a_token(contacts: Contacts) -> None:
    assert contacts.anonymous().get(COMPANIES).status_code == 401


def test_another_tenants_companies_are_invisible(contacts: Contacts, app: ApiClient) -> None:
    url = f"{COMPANIES}/{enter(app)['id']}"
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(COMPANIES).json["items"] == []
    for response in (stranger.get(url), stranger.patch(url, {"source": "x"}), stranger.delete(url)):
        assert response.status_code == 404
    assert app.get(url).json["version"] == 1


def test_a_created_company_is_answered_in_normal_form(app: ApiClient) -> None:
    response = app.post(
        COMPANIES,
        {
            "legal_name": "  Acme   Ltd. ",
            "domain": "https://www.Acme.example/about",
            "employee_count": 42,
            "emails": [{"address": "Info@ACME.example"}],
            "phones": [{"number": "+886 2 2345 6789"}],
            "handles": [{"network": "LinkedIn", "handle": "acme"}],
        },
    )
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"{COMPANIES}/{response.json['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.json["name"] == response.json["legal_name"] == "Acme Ltd."
    assert response.json["domain"] == "acme.example"
    assert response.json["emails"][0]["address"] == "Info@acme.example"
    assert response.json["phones"][0]["number"] == "+886223456789"
    assert response.json["handles"][0]["network"] == "linkedin"
    assert UUID(response.json["id"]).version == 7


def test_wrong_values_are_named_by_their_place_and_nothing_is_stored(
    contacts: Contacts, app: ApiClient
) -> None:
    response = app.post(
        COMPANIES,
        {"name": "A", "domain": "not a domain", "emails": [{"address": "nobody"}]},
    )
    assert response.status_code == 422
    pointers = {error["pointer"] for error in response.json["errors"]}
    assert pointers == {"/domain", "/emails/0/address"}
    assert app.tenant_id is not None
    assert contacts.facts(app.tenant_id) == []


def test_a_company_needs_a_name(app: ApiClient) -> None:
    response = app.post(COMPANIES, {"domain": "acme.example"})
    assert response.status_code == 422
    assert response.json["errors"][0]["code"] == "name_missing"


def test_each_change_is_a_fact_without_names(contacts: Contacts, app: ApiClient) -> None:
    owner = str(uuid4())
    company = enter(app, owner_id=owner, external_ids=[{"system": "erp", "id": "1"}])
    url = f"{COMPANIES}/{company['id']}"
    app.patch(url, {"industry": "trade", "owner_id": None})
    app.delete(url)
    app.post(f"{url}/restore")
    assert app.tenant_id is not None
    told = contacts.facts(app.tenant_id)
    kinds = [kind.rpartition(".")[2] for kind, _ in told]
    assert kinds == ["CompanyCreated", "CompanyChanged", "CompanyArchived", "CompanyRestored"]
    created = events.CompanyCreated.FromString(told[0][1])
    assert (created.company_id, created.owner_id) == (company["id"], owner)
    assert created.external_ids[0].id == "1"
    changed = events.CompanyChanged.FromString(told[1][1])
    assert list(changed.changed_fields) == ["industry", "owner_id"]
    assert (changed.previous_owner_id, changed.HasField("owner_id")) == (owner, False)
    assert all("大同商行".encode() not in payload for _, payload in told)


def test_the_same_key_and_body_is_answered_again_and_done_once(app: ApiClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = app.post(COMPANIES, {"name": "A"}, headers=headers)
    again = app.post(COMPANIES, {"name": "A"}, headers=headers)
    assert again.json == first.json
    assert len(app.get(COMPANIES).json["items"]) == 1


def test_a_shared_domain_phone_or_external_id_is_warned_of(app: ApiClient) -> None:
    first = enter(app, domain="acme.example", phones=[{"number": "+886223456789"}])
    by_mail = enter(app, emails=[{"address": "sales@acme.example"}])
    assert by_mail["duplicates"][0]["company_id"] == first["id"]
    assert by_mail["duplicates"][0]["matched_on"] == ["domain"]
    by_phone = enter(app, phones=[{"number": "+886223456789"}])
    assert by_phone["duplicates"][0]["matched_on"] == ["phone"]
    refused = app.post(
        f"{COMPANIES}?refuse_duplicates=true", {"name": "B", "domain": "www.acme.example"}
    )
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate")


def test_addresses_at_a_mail_provider_say_nothing_about_two_companies(app: ApiClient) -> None:
    enter(app, emails=[{"address": "one@gmail.com"}])
    assert enter(app, emails=[{"address": "two@gmail.com"}])["duplicates"] == []


def test_an_external_id_belongs_to_one_company(app: ApiClient) -> None:
    enter(app, external_ids=[{"system": "erp", "id": "4711"}])
    response = app.post(COMPANIES, {"name": "B", "external_ids": [{"system": "erp", "id": "4711"}]})
    assert (response.status_code, response.json["code"]) == (409, "external_id_taken")


def test_a_person_and_a_company_may_have_the_same_external_id(app: ApiClient) -> None:
    enter(app, external_ids=[{"system": "erp", "id": "1"}])
    assert (
        app.put("/v1/contacts/people/by-external-id/erp/1", {"full_name": "A"}).status_code == 201
    )


def test_a_change_of_an_outdated_version_is_refused(app: ApiClient) -> None:
    url = f"{COMPANIES}/{enter(app)['id']}"
    assert app.patch(url, {"source": "a"}, headers={"If-Match": '"1"'}).status_code == 200
    stale = app.patch(url, {"source": "b"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")


def test_two_threads_on_one_company_lose_no_change(app: ApiClient) -> None:
    url = f"{COMPANIES}/{enter(app)['id']}"

    def change(index: int) -> int:
        return app.patch(url, {("source", "industry")[index % 2]: f"v{index}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, range(20))) == {200}
    assert app.get(url).json["version"] == 21


def test_an_archived_company_is_put_away_and_comes_back(app: ApiClient) -> None:
    url = f"{COMPANIES}/{enter(app)['id']}"
    assert app.delete(url).status_code == 204
    assert app.get(COMPANIES).json["items"] == []
    assert len(app.get(f"{COMPANIES}?archived=any").json["items"]) == 1
    assert app.patch(url, {"source": "x"}).json["code"] == "archived"
    assert app.post(f"{url}/restore").json["archived_at"] is None


def test_filters_narrow_the_list(app: ApiClient) -> None:
    parent = enter(app, name="Parent", industry="trade", domain="acme.example")
    child = enter(app, name="Child", parent_company_id=parent["id"], employee_count=7, tags=["a"])
    app.patch(f"{COMPANIES}/{child['id']}", {"handles": [{"network": "line", "handle": "@child"}]})

    def found(query: str) -> list[str]:
        return [item["id"] for item in app.get(f"{COMPANIES}?{query}").json["items"]]

    assert found("industry=trade") == [parent["id"]]
    assert found("domain=acme.example") == [parent["id"]]
    assert found(f"parent_company_id={parent['id']}") == [child["id"]]
    assert found("employee_count[gte]=5") == [child["id"]]
    assert found("tag=a") == [child["id"]]
    assert found("handle=line:@child") == [child["id"]]
    assert found("name[prefix]=Par") == [parent["id"]]
    assert app.get(f"{COMPANIES}?colour=red").status_code == 400


def test_a_list_shows_parents_when_asked(app: ApiClient) -> None:
    parent = enter(app, name="Parent")
    enter(app, name="Child", parent_company_id=parent["id"])
    items = app.get(f"{COMPANIES}?expand=parent&sort=name").json["items"]
    assert items[0]["parent"] == {"id": parent["id"], "name": "Parent", "archived": False}
    assert items[1]["parent"] is None
    assert "parent" not in app.get(COMPANIES).json["items"][0]


def test_reach_decides_whose_companies_are_seen_and_changed(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    everybody = contacts.app_client(tenant)
    theirs = enter(everybody, name="Secret", owner_id=str(uuid4()))
    mine = enter(everybody, owner_id=str(me), parent_company_id=theirs["id"])
    grants = {"contacts.companies.read": "own", "contacts.companies.write": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    listed = user.get(f"{COMPANIES}?expand=parent")
    assert [item["id"] for item in listed.json["items"]] == [mine["id"]]
    assert listed.json["items"][0]["parent"] is None
    assert "Secret" not in listed.text
    assert user.get(f"{COMPANIES}/{theirs['id']}").status_code == 404
    assert user.patch(f"{COMPANIES}/{theirs['id']}", {"source": "x"}).status_code == 404
    assert user.patch(f"{COMPANIES}/{mine['id']}", {"source": "x"}).status_code == 200
    assert enter(user)["owner_id"] == str(me)
    refused = user.post(COMPANIES, {"name": "A", "owner_id": str(uuid4())})
    assert (refused.status_code, refused.json["code"]) == (403, "owner_out_of_reach")
    assert user.delete(f"{COMPANIES}/{mine['id']}").status_code == 403


def test_what_a_change_answers_is_what_reading_gives(app: ApiClient) -> None:
    created = enter(
        app,
        emails=[{"address": "a@rapport.dev"}],
        postal_addresses=[{"lines": ["羅斯福路四段1號"], "city": "臺北市", "country": "TW"}],
        handles=[{"network": "line", "handle": "acme"}],
        external_ids=[{"system": "erp", "id": "1"}],
    )
    created.pop("duplicates")
    url = f"{COMPANIES}/{created['id']}"
    assert app.get(url).json == created
    assert app.get(COMPANIES).json["items"] == [created]
    assert app.get(f"{COMPANIES}/by-external-id/erp/1").json == created
    assert app.patch(url, {"tags": ["vip"]}).json == app.get(url).json
