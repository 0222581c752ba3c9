"""Who is what to whom: one relation seen from both sides, never twice, never out of reach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import relation_events_pb2 as events
from services.contacts.tests.builders import PEOPLE, person

Contacts = ServiceHarness[ContactsTx]


def of(person_id: str) -> str:
    return f"{PEOPLE}/{person_id}/relations"


def relate(app: ApiClient, one: str, other: str, kind: str, **more: Any) -> dict[str, Any]:
    response = app.post(of(one), {"person_id": other, "kind": kind, **more})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json
    return created


def seen(app: ApiClient, one: str) -> set[tuple[str, str]]:
    items = app.get(of(one)).json["items"]
    return {(item["kind"], item["person"]["full_name"]) for item in items}


def test_a_relation_is_seen_from_both_sides(app: ApiClient) -> None:
    boss, aide = person(app, "Boss"), person(app, "Aide")
    created = relate(app, boss, aide, "assistant", note=" since  May ")
    assert created["person"] == {"id": aide, "full_name": "Aide", "archived": False}
    assert (created["kind"], created["note"]) == ("assistant", "since May")
    assert seen(app, boss) == {("assistant", "Aide")}
    assert seen(app, aide) == {("assisted", "Boss")}
    assert app.get(f"{of(boss)}/{created['id']}").json == created
    assert app.get(f"{of(aide)}/{created['id']}").json["kind"] == "assisted"


def test_every_kind_has_an_inverse_whichever_side_enters_it(app: ApiClient) -> None:
    one, other = sorted((person(app, "One"), person(app, "Other")))
    names = {p: app.get(f"{PEOPLE}/{p}").json["full_name"] for p in (one, other)}
    for first, second in ((one, other), (other, one)):
        for kind, inverse in (
            ("parent", "child"),
            ("child", "parent"),
            ("referred", "referrer"),
            ("household", "household"),
        ):
            created = relate(app, first, second, kind)
            assert seen(app, first) == {(kind, names[second])}
            assert seen(app, second) == {(inverse, names[first])}
            assert app.delete(f"{of(second)}/{created['id']}").status_code == 204


def test_two_people_are_related_in_one_way_only_once(app: ApiClient) -> None:
    one, other = person(app), person(app)
    relate(app, one, other, "parent")
    for path, body in (
        (of(one), {"person_id": other, "kind": "parent"}),
        (of(other), {"person_id": one, "kind": "child"}),
        (of(one), {"person_id": other, "kind": "child"}),
        (of(other), {"person_id": one, "kind": "parent"}),
    ):
        response = app.post(path, body)
        assert (response.status_code, response.json["code"]) == (409, "relation_exists")
    relate(app, one, other, "household")


def test_nobody_is_related_to_themselves(app: ApiClient) -> None:
    one = person(app)
    response = app.post(of(one), {"person_id": one, "kind": "friend"})
    assert response.status_code == 422
    assert response.json["errors"][0]["code"] == "self_reference"


def test_both_entering_it_at_once_enter_it_once(app: ApiClient) -> None:
    one, other = person(app), person(app)

    def enter(index: int) -> int:
        mine, theirs, kind = ((one, other, "manager"), (other, one, "report"))[index % 2]
        return app.post(of(mine), {"person_id": theirs, "kind": kind}).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(enter, range(6)))
    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]
    assert len(app.get(of(one)).json["items"]) == 1


def test_a_relation_is_said_and_taken_back_in_facts(contacts: Contacts, app: ApiClient) -> None:
    boss, aide = person(app), person(app)
    relation = relate(app, boss, aide, "assistant")["id"]
    app.delete(f"{of(aide)}/{relation}")
    assert app.tenant_id is not None
    (added_kind, added), (removed_kind, _) = contacts.facts(app.tenant_id)[-2:]
    assert added_kind.endswith(".RelationAdded")
    assert removed_kind.endswith(".RelationRemoved")
    fact = events.RelationAdded.FromString(added)
    sides = {
        (fact.person_id, fact.related_person_id, fact.kind),
    }
    assert sides <= {(boss, aide, "assistant"), (aide, boss, "assisted")}


def test_the_same_key_and_body_is_answered_again_and_done_once(app: ApiClient) -> None:
    one, other = person(app), person(app)
    headers = {"Idempotency-Key": "one"}
    body = {"person_id": other, "kind": "friend"}
    first = app.post(of(one), body, headers=headers)
    again = app.post(of(one), body, headers=headers)
    assert (again.status_code, again.json) == (201, first.json)


def test_a_relation_is_found_from_its_own_two_sides_only(app: ApiClient) -> None:
    one, other, third = person(app), person(app), person(app)
    relation = relate(app, one, other, "friend")["id"]
    assert app.get(f"{of(third)}/{relation}").status_code == 404
    assert app.delete(f"{of(third)}/{relation}").status_code == 404


def test_another_tenant_sees_and_changes_nothing(contacts: Contacts, app: ApiClient) -> None:
    one, other = person(app), person(app)
    relation = relate(app, one, other, "friend")["id"]
    stranger = contacts.app_client(contacts.new_tenant())
    theirs = person(stranger)
    for response in (
        stranger.get(of(one)),
        stranger.get(f"{of(one)}/{relation}"),
        stranger.delete(f"{of(one)}/{relation}"),
        stranger.post(of(one), {"person_id": theirs, "kind": "friend"}),
        stranger.delete(f"{of(theirs)}/{relation}"),
    ):
        assert response.status_code == 404
    foreign = stranger.post(of(theirs), {"person_id": one, "kind": "friend"})
    assert foreign.json["errors"][0]["code"] == "person_unknown"


def test_relations_to_people_out_of_reach_are_not_shown(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    app = contacts.app_client(tenant)
    mine = person(app, "Mine", owner_id=str(me))
    near = person(app, "Near", owner_id=str(me))
    far = person(app, "Secret", owner_id=str(uuid4()))
    relate(app, mine, near, "friend")
    hidden = relate(app, mine, far, "spouse")["id"]
    grants = {"contacts.people.read": "own", "contacts.people.write": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    listed = user.get(f"{of(mine)}?count=true")
    assert [item["person"]["full_name"] for item in listed.json["items"]] == ["Near"]
    assert listed.json["total_count"] == 1
    assert user.get(f"{of(mine)}/{hidden}").status_code == 404
    assert user.get(of(far)).status_code == 404
    response = user.post(of(mine), {"person_id": far, "kind": "sibling"})
    assert response.json["errors"][0]["code"] == "person_unknown"
    assert "Secret" not in listed.text + response.text


def test_archived_people_keep_their_relations_and_get_no_new_ones(app: ApiClient) -> None:
    one, other, third = person(app, "One"), person(app, "Other"), person(app)
    relate(app, one, other, "friend")
    app.delete(f"{PEOPLE}/{other}")
    (item,) = app.get(of(one)).json["items"]
    assert item["person"]["archived"] is True
    towards = app.post(of(third), {"person_id": other, "kind": "friend"})
    assert towards.json["errors"][0]["code"] == "person_archived"
    away = app.post(of(other), {"person_id": third, "kind": "friend"})
    assert (away.status_code, away.json["code"]) == (409, "archived")
