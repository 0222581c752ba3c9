"""Who works where: several at once, ended, never overlapping, and seen as far as reach goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis.clock import SystemClock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import employment_events_pb2 as events
from services.contacts.tests.builders import COMPANIES, PEOPLE, company, person

Contacts = ServiceHarness[ContactsTx]


def of(person_id: str) -> str:
    return f"{PEOPLE}/{person_id}/employments"


def employ(app: ApiClient, person_id: str, company_id: str, **terms: Any) -> dict[str, Any]:
    response = app.post(of(person_id), {"company_id": company_id, **terms})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json
    return created


def refused(response: ApiAnswer) -> tuple[int, str]:
    body = response.json
    return response.status_code, str((body.get("errors") or [body])[0]["code"])


def test_a_person_works_at_several_companies_at_once(app: ApiClient) -> None:
    ming, acme, globex = person(app), company(app, "Acme"), company(app, "Globex")
    first = employ(app, ming, acme, title=" Head  of sales ", started_on="2024-02-01")
    employ(app, ming, globex)
    assert first["title"] == "Head of sales"
    assert first["current"] is True
    assert first["company"] == {"id": acme, "name": "Acme", "archived": False}
    listed = app.get(f"{of(ming)}?count=true").json
    assert listed["total_count"] == 2
    assert {item["company"]["name"] for item in listed["items"]} == {"Acme", "Globex"}


def test_what_a_write_answers_is_what_reading_gives(app: ApiClient) -> None:
    ming, acme = person(app), company(app, "Acme")
    response = app.post(of(ming), {"company_id": acme, "started_on": "2024-02-01"})
    assert response.headers["ETag"] == '"1"'
    assert app.get(response.headers["Location"]).json == response.json
    assert app.get(of(ming)).json["items"] == [response.json]
    changed = app.patch(response.headers["Location"], {"title": "Chair"})
    assert (changed.json["title"], changed.json["version"]) == ("Chair", 2)
    assert app.get(response.headers["Location"]).json == changed.json


def test_an_employment_that_ends_is_no_longer_current(contacts: Contacts, app: ApiClient) -> None:
    ming, acme = person(app), company(app)
    url = f"{of(ming)}/{employ(app, ming, acme, started_on='2020-01-01')['id']}"
    ended = app.post(f"{url}/end", {"ended_on": "2023-06-30"})
    assert ended.status_code == 200
    assert (ended.json["current"], ended.json["ended_on"]) == (False, "2023-06-30")
    assert refused(app.post(f"{url}/end", {})) == (409, "employment_over")
    assert app.get(f"{of(ming)}?current=true").json["items"] == []
    assert len(app.get(f"{of(ming)}?current=false").json["items"]) == 1
    assert app.tenant_id is not None
    kind, payload = contacts.facts(app.tenant_id)[-1]
    assert kind == "rapport.contacts.events.v1.EmploymentEnded"
    assert events.EmploymentEnded.FromString(payload).ended_on == "2023-06-30"


def test_an_employment_ends_today_unless_said_and_may_end_later(app: ApiClient) -> None:
    today = SystemClock().now().date()
    ming, acme = person(app), company(app)
    url = f"{of(ming)}/{employ(app, ming, acme)['id']}"
    later = (today + timedelta(days=30)).isoformat()
    planned = app.post(f"{url}/end", {"ended_on": later}).json
    assert (planned["current"], planned["ended_on"]) == (True, later)
    ended = app.post(f"{url}/end", {}).json
    assert ended["ended_on"] >= today.isoformat()
    assert ended["current"] is True  # until the day is over


def test_days_that_cannot_be_are_refused(app: ApiClient) -> None:
    ming, acme = person(app), company(app)
    later = (SystemClock().now().date() + timedelta(days=30)).isoformat()
    for terms, code in (
        ({"started_on": "2024-01-02", "ended_on": "2024-01-01"}, "ends_before_start"),
        ({"ended_on": "2024-01-01", "current": True}, "over_already"),
        ({"ended_on": later, "current": False}, "not_over_yet"),
        ({"started_on": "2024-02-30"}, "date_parsing"),
    ):
        response = app.post(of(ming), {"company_id": acme, **terms})
        assert refused(response) == (422, code)
    assert app.get(of(ming)).json["items"] == []


def test_one_title_at_one_company_is_held_once_at_a_time(app: ApiClient) -> None:
    ming, acme, globex = person(app), company(app), company(app)
    former = employ(app, ming, acme, title="Clerk", started_on="2020-01-01", ended_on="2021-12-31")
    overlapping = {"title": "clerk", "started_on": "2021-12-31"}
    response = app.post(of(ming), {"company_id": acme, **overlapping})
    assert refused(response) == (409, "employment_overlaps")
    employ(app, ming, globex, **overlapping)
    employ(app, ming, acme, title="Chair", started_on="2021-12-31")
    employ(app, ming, acme, title="Clerk", started_on="2022-01-01")
    url = f"{of(ming)}/{former['id']}"
    longer = app.patch(url, {"ended_on": "2022-01-01"})
    assert refused(longer) == (409, "employment_overlaps")
    assert app.patch(url, {"started_on": "2019-01-01"}).status_code == 200


def test_past_work_without_known_days_stands_beside_other_work(app: ApiClient) -> None:
    ming, acme = person(app), company(app)
    past = employ(app, ming, acme, current=False)
    assert (past["current"], past["ended_on"]) == (False, None)
    assert employ(app, ming, acme)["current"] is True


def test_two_who_enter_the_same_at_once_enter_it_once(app: ApiClient) -> None:
    ming, acme = person(app), company(app)

    def enter(_: int) -> int:
        return app.post(of(ming), {"company_id": acme, "title": "Clerk"}).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(enter, range(6)))
    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]
    assert len(app.get(of(ming)).json["items"]) == 1


def test_the_same_key_and_body_is_answered_again_and_done_once(app: ApiClient) -> None:
    ming, acme = person(app), company(app)
    headers = {"Idempotency-Key": "one"}
    first = app.post(of(ming), {"company_id": acme}, headers=headers)
    again = app.post(of(ming), {"company_id": acme}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json


def test_what_was_entered_by_mistake_is_removed(contacts: Contacts, app: ApiClient) -> None:
    ming, acme = person(app), company(app)
    url = f"{of(ming)}/{employ(app, ming, acme)['id']}"
    assert app.delete(url, headers={"If-Match": '"7"'}).status_code == 412
    assert app.delete(url, headers={"If-Match": '"1"'}).status_code == 204
    assert app.get(url).status_code == 404
    assert app.tenant_id is not None
    assert contacts.facts(app.tenant_id)[-1][0].endswith(".EmploymentRemoved")


def test_an_employment_is_found_below_its_own_person_only(app: ApiClient) -> None:
    ming, mei, acme = person(app), person(app), company(app)
    employment = employ(app, ming, acme)["id"]
    assert app.get(f"{of(mei)}/{employment}").status_code == 404
    assert app.patch(f"{of(mei)}/{employment}", {"title": "x"}).status_code == 404
    assert app.delete(f"{of(mei)}/{employment}").status_code == 404


def test_another_tenant_sees_and_changes_nothing(contacts: Contacts, app: ApiClient) -> None:
    ming, acme = person(app), company(app)
    url = f"{of(ming)}/{employ(app, ming, acme)['id']}"
    stranger = contacts.app_client(contacts.new_tenant())
    theirs = person(stranger)
    for response in (
        stranger.get(of(ming)),
        stranger.get(url),
        stranger.patch(url, {"title": "x"}),
        stranger.post(f"{url}/end", {}),
        stranger.delete(url),
        stranger.post(of(ming), {"company_id": company(stranger)}),
        stranger.get(f"{COMPANIES}/{acme}/people"),
    ):
        assert response.status_code == 404
    foreign = stranger.post(of(theirs), {"company_id": acme})
    assert refused(foreign) == (422, "company_unknown")
    assert app.get(url).json["version"] == 1


def test_a_company_lists_who_works_there(app: ApiClient) -> None:
    acme, ming, mei = company(app), person(app, "Ming"), person(app, "Mei")
    employ(app, ming, acme)
    employ(app, mei, acme, current=False)
    url = f"{COMPANIES}/{acme}/people"
    items = app.get(f"{url}?sort=created_at&count=true").json
    assert items["total_count"] == 2
    assert [item["person"]["full_name"] for item in items["items"]] == ["Ming", "Mei"]
    (current,) = app.get(f"{url}?current=true").json["items"]
    assert current["person"] == {"id": ming, "full_name": "Ming", "archived": False}
    app.delete(f"{PEOPLE}/{ming}")
    assert [item["person_id"] for item in app.get(url).json["items"]] == [mei]


def test_no_name_out_of_reach_is_shown(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    app = contacts.app_client(tenant)
    mine = person(app, "Mine", owner_id=str(me))
    theirs = person(app, "Secret person", owner_id=str(uuid4()))
    hidden = company(app, "Secret company", owner_id=str(uuid4()))
    shared = company(app, "Shared", owner_id=str(me))
    for person_id in (mine, theirs):
        employ(app, person_id, shared)
    employ(app, mine, hidden, title="Clerk")
    grants = {"contacts.people.read": "own", "contacts.companies.read": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    listed = user.get(f"{COMPANIES}/{shared}/people")
    assert [item["person_id"] for item in listed.json["items"]] == [mine]
    works = user.get(of(mine))
    assert {item["company"] and item["company"]["name"] for item in works.json["items"]} == {
        "Shared",
        None,
    }
    assert user.get(of(theirs)).status_code == 404
    assert user.get(f"{COMPANIES}/{hidden}/people").status_code == 404
    assert "Secret" not in listed.text + works.text


def test_without_the_permission_to_read_companies_none_can_be_named(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    app = contacts.app_client(tenant)
    ming, acme = person(app), company(app)
    narrow = contacts.app_client(tenant, "contacts.people.read", "contacts.people.write")
    response = narrow.post(of(ming), {"company_id": acme})
    assert refused(response) == (422, "company_unknown")


def test_nobody_begins_at_an_archived_company_or_while_archived(app: ApiClient) -> None:
    ming, acme, closed = person(app), company(app), company(app)
    employment = employ(app, ming, acme)["id"]
    app.delete(f"{COMPANIES}/{closed}")
    assert refused(app.post(of(ming), {"company_id": closed})) == (422, "company_archived")
    app.delete(f"{PEOPLE}/{ming}")
    assert refused(app.post(of(ming), {"company_id": acme})) == (409, "archived")
    assert refused(app.patch(f"{of(ming)}/{employment}", {"title": "x"})) == (409, "archived")
    assert app.post(f"{of(ming)}/{employment}/end", {}).status_code == 200
    assert len(app.get(of(ming)).json["items"]) == 1
