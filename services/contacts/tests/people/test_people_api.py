"""People over REST: what callers can do, what they are refused, and what nobody else sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import person_events_pb2 as events

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def enter(client: ApiClient, **details: Any) -> dict[str, Any]:
    """Enter a person and give the answer."""
    response = client.post(PEOPLE, {"full_name": "王小明", **details})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json
    return created


def test_listing_needs_a_token(contacts: Contacts) -> None:
    response = contacts.anonymous().get(PEOPLE)
    assert response.status_code == 401
    assert response.json["code"] == "token_missing"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_another_tenants_people_are_invisible(contacts: Contacts, app: ApiClient) -> None:
    person = enter(app)
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(PEOPLE).json["items"] == []
    for response in (
        stranger.get(f"{PEOPLE}/{person['id']}"),
        stranger.patch(f"{PEOPLE}/{person['id']}", {"source": "x"}),
        stranger.delete(f"{PEOPLE}/{person['id']}"),
    ):
        assert response.status_code == 404
    assert app.get(f"{PEOPLE}/{person['id']}").json["version"] == 1


def test_a_created_person_is_answered_with_location_and_entity_tag(app: ApiClient) -> None:
    response = app.post(
        PEOPLE,
        {
            "given_name": "小明",
            "family_name": "王",
            "emails": [{"address": "Ming@Example.COM", "label": "work"}],
            "phones": [{"number": "+886 912 345 678"}],
        },
    )
    assert response.status_code == 201
    assert response.headers["Location"] == f"{PEOPLE}/{response.json['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.json["full_name"] == "王小明"
    assert response.json["emails"][0]["address"] == "Ming@example.com"
    assert response.json["phones"][0]["number"] == "+886912345678"
    assert response.json["phones"][0]["primary"] is True
    assert response.json["created_at"].endswith("Z")
    assert UUID(response.json["id"]).version == 7


def test_creating_says_so_in_the_outbox_without_personal_details(
    contacts: Contacts, app: ApiClient
) -> None:
    person = enter(app, source="fair")
    assert app.tenant_id is not None
    ((kind, payload),) = contacts.facts(app.tenant_id)
    assert kind == "rapport.contacts.events.v1.PersonCreated"
    fact = events.PersonCreated.FromString(payload)
    assert (fact.person_id, fact.source) == (person["id"], "fair")
    assert "王小明".encode() not in payload


def test_wrong_values_are_named_by_their_place_and_nothing_is_stored(
    contacts: Contacts, app: ApiClient
) -> None:
    response = app.post(
        PEOPLE,
        {
            "full_name": "A",
            "emails": [{"address": "ok@rapport.dev"}, {"address": "not an address"}],
            "phones": [{"number": "12345"}],
            "handles": [
                {"network": "line", "handle": "ming"},
                {"network": "line", "handle": "\u200b "},
            ],
            "language": "klingonese-x-unknown",
        },
    )
    assert response.status_code == 422
    pointers = {error["pointer"] for error in response.json["errors"]}
    assert pointers == {
        "/emails/1/address",
        "/phones/0/number",
        "/handles/1/handle",
        "/language",
    }
    assert app.tenant_id is not None
    assert contacts.facts(app.tenant_id) == []


def test_a_person_needs_something_to_be_known_by(app: ApiClient) -> None:
    response = app.post(PEOPLE, {"source": "web"})
    assert response.status_code == 422
    assert response.json["errors"][0]["code"] == "identity_missing"


def test_the_same_key_and_body_is_answered_again_and_done_once(app: ApiClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = app.post(PEOPLE, {"full_name": "A"}, headers=headers)
    again = app.post(PEOPLE, {"full_name": "A"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert len(app.get(PEOPLE).json["items"]) == 1


def test_the_same_key_with_another_body_is_refused(app: ApiClient) -> None:
    headers = {"Idempotency-Key": "one"}
    app.post(PEOPLE, {"full_name": "A"}, headers=headers)
    response = app.post(PEOPLE, {"full_name": "B"}, headers=headers)
    assert (response.status_code, response.json["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_leaves_its_key_free(app: ApiClient) -> None:
    headers = {"Idempotency-Key": "one"}
    assert app.post(PEOPLE, {"source": "x"}, headers=headers).status_code == 422
    assert app.post(PEOPLE, {"full_name": "B"}, headers=headers).status_code == 201


def test_many_at_once_with_one_key_make_one_person(app: ApiClient) -> None:
    def send(_: int) -> int:
        headers = {"Idempotency-Key": "race"}
        return app.post(PEOPLE, {"full_name": "A"}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(send, range(24)))
    assert statuses <= {201, 409}
    assert len(app.get(PEOPLE).json["items"]) == 1


def test_a_match_is_warned_of_with_the_candidates(app: ApiClient) -> None:
    first = enter(app, emails=[{"address": "a@rapport.dev"}], phones=[{"number": "+886912345678"}])
    second = enter(app, emails=[{"address": "A@rapport.dev"}], phones=[{"number": "+886912345678"}])
    (candidate,) = second["duplicates"]
    assert candidate["person_id"] == first["id"]
    assert set(candidate["matched_on"]) == {"email", "phone"}
    refused = app.post(
        f"{PEOPLE}?refuse_duplicates=true",
        {"full_name": "B", "emails": [{"address": "a@rapport.dev"}]},
    )
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate")


def test_an_external_id_belongs_to_one_person(app: ApiClient) -> None:
    enter(app, external_ids=[{"system": "erp", "id": "4711"}])
    response = app.post(
        PEOPLE, {"full_name": "B", "external_ids": [{"system": "erp", "id": "4711"}]}
    )
    assert (response.status_code, response.json["code"]) == (409, "external_id_taken")


def test_a_change_touches_what_it_mentions(contacts: Contacts, app: ApiClient) -> None:
    person = enter(app, source="fair", tags=["vip"])
    response = app.patch(f"{PEOPLE}/{person['id']}", {"lifecycle_stage": "customer"})
    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert (response.json["source"], response.json["tags"]) == ("fair", ["vip"])
    assert app.tenant_id is not None
    kind, payload = contacts.facts(app.tenant_id)[-1]
    assert kind == "rapport.contacts.events.v1.PersonChanged"
    assert events.PersonChanged.FromString(payload).changed_fields == ["lifecycle_stage"]


def test_a_change_that_changes_nothing_is_no_fact(contacts: Contacts, app: ApiClient) -> None:
    person = enter(app, source="fair")
    response = app.patch(f"{PEOPLE}/{person['id']}", {"source": "fair"})
    assert response.headers["ETag"] == '"1"'
    assert app.tenant_id is not None
    assert len(contacts.facts(app.tenant_id)) == 1


def test_a_change_of_an_outdated_version_is_refused(app: ApiClient) -> None:
    person = enter(app)
    url = f"{PEOPLE}/{person['id']}"
    assert app.patch(url, {"source": "a"}, headers={"If-Match": '"1"'}).status_code == 200
    stale = app.patch(url, {"source": "b"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")
    assert app.get(url).json["source"] == "a"


def test_two_threads_on_one_person_lose_no_change(app: ApiClient) -> None:
    person = enter(app)
    url = f"{PEOPLE}/{person['id']}"

    def change(index: int) -> int:
        field = ("source", "given_name")[index % 2]
        return app.patch(url, {field: f"v{index}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, range(20))) == {200}
    changed = app.get(url).json
    assert changed["version"] == 21
    assert changed["source"].startswith("v")
    assert changed["given_name"].startswith("v")


def test_an_unchanged_person_is_not_sent_again(app: ApiClient) -> None:
    person = enter(app)
    response = app.get(f"{PEOPLE}/{person['id']}", headers={"If-None-Match": '"1"'})
    assert (response.status_code, response.data) == (304, b"")


def test_an_archived_person_is_put_away_and_comes_back(app: ApiClient) -> None:
    person = enter(app)
    url = f"{PEOPLE}/{person['id']}"
    assert app.delete(url).status_code == 204
    assert app.get(PEOPLE).json["items"] == []
    assert len(app.get(f"{PEOPLE}?archived=any").json["items"]) == 1
    assert app.patch(url, {"source": "x"}).json["code"] == "archived"
    assert app.post(f"{url}/restore").json["archived_at"] is None
    assert len(app.get(PEOPLE).json["items"]) == 1


def test_pages_show_everybody_once_while_others_are_entered(app: ApiClient) -> None:
    entered = {enter(app, full_name=f"Person {n}")["id"] for n in range(7)}
    seen: list[str] = []
    token = ""
    while True:
        page = app.get(f"{PEOPLE}?page_size=2&sort=full_name{token}").json
        seen += [item["id"] for item in page["items"]]
        enter(app, full_name=f"A newcomer {len(seen)}")
        if page["next_page_token"] is None:
            break
        token = f"&page_token={page['next_page_token']}"
    assert len(seen) == len(set(seen))
    assert entered <= set(seen)


def test_filters_narrow_the_list(app: ApiClient) -> None:
    vip = enter(app, tags=["vip"], emails=[{"address": "v@rapport.dev"}])
    enter(app, lifecycle_stage="customer")
    assert [p["id"] for p in app.get(f"{PEOPLE}?tag=vip").json["items"]] == [vip["id"]]
    assert [p["id"] for p in app.get(f"{PEOPLE}?email=V@rapport.dev").json["items"]] == [vip["id"]]
    assert len(app.get(f"{PEOPLE}?lifecycle_stage[in]=lead,customer").json["items"]) == 2
    assert app.get(f"{PEOPLE}?count=true&page_size=1").json["total_count"] == 2
    unknown = app.get(f"{PEOPLE}?colour=red")
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (400, "colour")


def test_people_are_found_by_what_they_are_called_on_a_network(app: ApiClient) -> None:
    ming = enter(app, handles=[{"network": "LINE", "handle": "Ming"}])
    enter(app, handles=[{"network": "wechat", "handle": "Ming"}])

    def found(query: str) -> list[str]:
        return [person["id"] for person in app.get(f"{PEOPLE}?{query}").json["items"]]

    assert found("handle=Line:Ming") == [ming["id"]]
    assert found("handle[in]=line:Ming,line:nobody") == [ming["id"]]
    assert found("handle=line:ming") == []  # other people have handles that differ by their case
    for wrong in ("Ming", "line:", ":Ming"):
        refused = app.get(f"{PEOPLE}?handle={wrong}")
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, "handle")


def test_reach_decides_whose_people_are_seen_and_changed(contacts: Contacts) -> None:
    tenant, mine, colleague = contacts.new_tenant(), uuid4(), uuid4()
    all_of_it = contacts.app_client(tenant)
    owned = {who: enter(all_of_it, owner_id=str(who))["id"] for who in (mine, colleague, uuid4())}
    team = contacts.access.team(tenant, [mine])
    contacts.access.team(tenant, [colleague], parent=team)
    grants = {"contacts.people.read": "team", "contacts.people.write": "own"}
    user = contacts.user_client(tenant, grants, user_id=mine, teams=(team,))
    seen = {person["id"] for person in user.get(PEOPLE).json["items"]}
    assert seen == {owned[mine], owned[colleague]}
    assert user.patch(f"{PEOPLE}/{owned[mine]}", {"source": "x"}).status_code == 200
    assert user.patch(f"{PEOPLE}/{owned[colleague]}", {"source": "x"}).status_code == 404
    assert user.delete(f"{PEOPLE}/{owned[mine]}").status_code == 403


def test_who_sees_only_their_own_owns_what_they_enter(contacts: Contacts) -> None:
    me = uuid4()
    grants = {"contacts.people.read": "own", "contacts.people.write": "own"}
    user = contacts.user_client(contacts.new_tenant(), grants, user_id=me)
    assert enter(user)["owner_id"] == str(me)
    refused = user.post(PEOPLE, {"full_name": "A", "owner_id": str(uuid4())})
    assert (refused.status_code, refused.json["code"]) == (403, "owner_out_of_reach")


def test_what_a_change_answers_is_what_reading_gives(app: ApiClient) -> None:
    """The answer of a write is made without reading back; it may not drift from the reads."""
    created = enter(
        app,
        emails=[{"address": "a@rapport.dev"}],
        postal_addresses=[{"lines": ["羅斯福路四段1號"], "city": "臺北市", "country": "TW"}],
        life_events=[{"kind": "birth"}],
        handles=[{"network": "line", "handle": "ming"}],
        custom_fields={},
    )
    created.pop("duplicates")
    assert app.get(f"{PEOPLE}/{created['id']}").json == created
    assert app.get(PEOPLE).json["items"] == [created]
    changed = app.patch(f"{PEOPLE}/{created['id']}", {"tags": ["vip"]}).json
    assert app.get(f"{PEOPLE}/{created['id']}").json == changed


def test_a_record_is_rated_and_says_what_would_make_it_better(app: ApiClient) -> None:
    poor = enter(app, full_name="Mickey Mouse", phones=[{"number": "+886912345678"}])
    good = enter(
        app,
        full_name="",
        given_name="小明",
        family_name="王",
        emails=[{"address": "ming@rapport.dev"}],
        phones=[{"number": "+886928731645"}],
        language="zh-Hant-TW",
        source="fair",
        important_dates=[{"kind": "birthday", "date": "1990-02-03"}],
    )
    assert good["quality_score"] > poor["quality_score"]
    quality = app.get(f"{PEOPLE}/{poor['id']}/quality").json
    assert quality["total"] == poor["quality_score"]
    assert "name_invented" in {reason["code"] for reason in quality["reasons"]}
    report = app.get(f"{PEOPLE}/quality-report").json
    assert report["people"] == 2
    assert {"code": "name_invented", "people": 1} in report["findings"]
    assert sum(band["people"] for band in report["bands"]) == 2
    flagged = app.get(f"{PEOPLE}?quality_code=name_invented").json["items"]
    assert [person["id"] for person in flagged] == [poor["id"]]
