"""A merge is taken back: who comes back as what, and what stays with the survivor."""

from __future__ import annotations

from typing import Any

from rapport.contacts.events.v1 import person_events_pb2 as events
from rapport.contacts.events.v1 import relation_events_pb2 as relation_events
from services.contacts.tests.builders import PEOPLE, company
from services.contacts.tests.merges.conftest import MERGES, Merging

INTERACTIONS = "/v1/contacts/interactions"
MINE = {"version", "updated_at", "duplicates", "last_seen_at"}


def details(person: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in person.items() if name not in MINE}


def visited(merging: Merging, person: str, day: int, channel: str = "web") -> str:
    when = f"2026-03-{day:02}T12:00:00Z"
    report = {"kind": "visit", "channel": channel, "person": {"id": person}, "occurred_at": when}
    answer = merging.client.post(INTERACTIONS, report)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def interactions(merging: Merging, person: str) -> set[str]:
    items = merging.client.get(f"{PEOPLE}/{person}/interactions").json["items"]
    return {item["id"] for item in items}


def relations(merging: Merging, person: str) -> set[tuple[str, str]]:
    items = merging.client.get(f"{PEOPLE}/{person}/relations").json["items"]
    return {(item["person"]["id"], item["kind"]) for item in items}


def relate(merging: Merging, person: str, other: str, kind: str) -> None:
    body = {"person_id": other, "kind": kind}
    answer = merging.client.post(f"{PEOPLE}/{person}/relations", body)
    assert answer.status_code == 201, answer.text


def employ(merging: Merging, person: str, company_id: str, title: str) -> str:
    body = {"company_id": company_id, "title": title, "started_on": "2020-01-01"}
    answer = merging.client.post(f"{PEOPLE}/{person}/employments", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def employments(merging: Merging, person: str) -> set[str]:
    items = merging.client.get(f"{PEOPLE}/{person}/employments").json["items"]
    return {item["id"] for item in items}


def test_both_are_as_they_were(merging: Merging) -> None:
    kept = merging.enter(emails=[{"address": "a@example.com"}], tags=["x"], language="de")
    gone = merging.enter(
        "陳大文",
        given_name="大文",
        emails=[{"address": "b@example.com", "label": "home"}],
        external_ids=[{"system": "erp", "id": "7"}],
        important_dates=[{"kind": "birthday", "date": "1980-05-01"}],
        life_events=[{"kind": "move", "date": "2020-01-01", "note": "Taipei"}],
        tags=["x", "y"],
    )
    before = merging.person(kept), merging.person(gone)
    merge = merging.merge(kept, gone, full_name="merged")
    assert merging.person(kept)["full_name"] == "陳大文"
    undone = merging.undo(merge)
    after = merging.person(kept), merging.person(gone)
    assert [details(person) for person in after] == [details(person) for person in before]
    assert (undone["person"], undone["merged_person"]) == after
    assert after[1]["version"] > before[1]["version"]
    assert undone["undone_by"].startswith("client:")
    client = merging.client
    assert client.get(f"{PEOPLE}/by-external-id/erp/7").json["id"] == gone
    assert [one["id"] for one in client.get(f"{PEOPLE}?q=陳大").json["items"]] == [gone]
    assert [one["id"] for one in client.get(f"{PEOPLE}?email=b@example.com").json["items"]] == [
        gone
    ]
    (fact,) = map(events.PersonUnmerged.FromString, merging.facts("PersonUnmerged"))
    assert fact == events.PersonUnmerged(person_id=kept, unmerged_person_id=gone, merge_id=merge)


def test_what_was_changed_since_stays_and_what_was_not_is_reverted(merging: Merging) -> None:
    kept = merging.enter()
    gone = merging.enter(
        "B", language="de", source="fair", emails=[{"address": "b@example.com"}], tags=["y"]
    )
    merge = merging.merge(kept, gone)
    change = {"language": "fr", "tags": ["y", "z"], "phones": [{"number": "+886912345678"}]}
    assert merging.client.patch(f"{PEOPLE}/{kept}", change).status_code == 200
    merging.undo(merge)
    person = merging.person(kept)
    assert (person["language"], person["source"]) == ("fr", "")
    assert (person["tags"], person["emails"]) == (["z"], [])
    assert [phone["number"] for phone in person["phones"]] == ["+886912345678"]
    assert merging.person(gone)["language"] == "de"


def test_interactions_go_back_and_later_ones_stay(merging: Merging) -> None:
    kept, gone = merging.enter(), merging.enter("B")
    mine, theirs = visited(merging, kept, 3), visited(merging, gone, 7)
    merge = merging.merge(kept, gone)
    later = visited(merging, gone, 9, "shop")
    assert interactions(merging, kept) == {mine, theirs, later}
    assert interactions(merging, gone) == {mine, theirs, later}
    assert merging.person(kept)["last_seen_at"] == "2026-03-07T12:00:00Z"
    merging.undo(merge)
    assert interactions(merging, kept) == {mine, later}
    assert interactions(merging, gone) == {theirs}
    assert merging.person(gone)["last_seen_at"] == "2026-03-07T12:00:00Z"
    assert merging.person(kept)["last_seen_at"] == "2026-03-09T12:00:00Z"


def test_relations_follow_without_doubles_and_come_back(merging: Merging) -> None:
    kept, gone, friend, child = (merging.enter(name) for name in "ABCD")
    relate(merging, kept, friend, "friend")
    relate(merging, gone, friend, "friend")
    relate(merging, gone, child, "child")
    relate(merging, kept, gone, "spouse")
    merge = merging.merge(kept, gone)
    assert relations(merging, kept) == {(friend, "friend"), (child, "child")}
    assert relations(merging, child) == {(kept, "parent")}
    removed = map(relation_events.RelationRemoved.FromString, merging.facts("RelationRemoved"))
    assert {fact.kind for fact in removed} == {"friend", "spouse"}
    merging.undo(merge)
    assert relations(merging, kept) == {(friend, "friend"), (gone, "spouse")}
    assert relations(merging, gone) == {(friend, "friend"), (child, "child"), (kept, "spouse")}
    assert relations(merging, child) == {(gone, "parent")}
    assert len(merging.facts("RelationAdded")) == 6


def test_employments_follow_without_doubles_and_come_back(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("B")
    acme, other = company(merging.client, "ACME"), company(merging.client, "Other")
    mine, double = (employ(merging, person, acme, "CEO") for person in (kept, gone))
    also = employ(merging, gone, other, "Clerk")
    merge = merging.merge(kept, gone)
    assert employments(merging, kept) == {mine, also}
    later = employ(merging, kept, other, "Cook")
    merging.undo(merge)
    assert employments(merging, kept) == {mine, later}
    assert employments(merging, gone) == {double, also}


def test_a_double_comes_back_when_the_one_before_it_goes(merging: Merging) -> None:
    kept, first, second, friend = (merging.enter(name) for name in "ABCD")
    acme = company(merging.client, "ACME")
    jobs = [employ(merging, person, acme, "CEO") for person in (first, second)]
    for person in (first, second):
        relate(merging, person, friend, "friend")
    merge = merging.merge(kept, first)
    merging.merge(kept, second)
    assert employments(merging, kept) == {jobs[0]}
    assert relations(merging, kept) == {(friend, "friend")}
    merging.undo(merge)
    assert employments(merging, first) == {jobs[0]}
    assert employments(merging, kept) == {jobs[1]}
    assert relations(merging, kept) == {(friend, "friend")}
    assert relations(merging, friend) == {(kept, "friend"), (first, "friend")}


def test_a_survivor_who_was_merged_in_turn_has_to_come_back_first(merging: Merging) -> None:
    first, second, third = (merging.enter(name, tags=[name]) for name in "ABC")
    visit = visited(merging, second, 5)
    inner = merging.merge(first, second)
    outer = merging.merge(third, first)
    assert merging.person(second)["id"] == third
    assert merging.client.get(f"{MERGES}/{inner}").json["person_id"] == third
    refused = merging.client.post(f"{MERGES}/{inner}/undo")
    assert (refused.status_code, refused.json["code"]) == (409, "survivor_merged")
    assert outer in refused.json["detail"]
    merging.undo(outer)
    assert merging.person(second)["id"] == first
    assert merging.client.get(f"{MERGES}/{inner}").json["person_id"] == first
    assert interactions(merging, first) == {visit}
    merging.undo(inner)
    assert [merging.person(one)["tags"] for one in (first, second, third)] == [["A"], ["B"], ["C"]]
    assert interactions(merging, second) == {visit}


def test_merges_into_one_person_are_undone_in_any_order(merging: Merging) -> None:
    kept = merging.enter("A")
    first = merging.enter("B", language="de", emails=[{"address": "x@example.com"}])
    second = merging.enter("C", language="fr", emails=[{"address": "x@example.com"}])
    before = {one: details(merging.person(one)) for one in (kept, first, second)}
    merges = [merging.merge(kept, first), merging.merge(kept, second, language="merged")]
    merging.undo(merges[0])
    person = merging.person(kept)
    assert (person["language"], person["emails"][0]["address"]) == ("fr", "x@example.com")
    merging.undo(merges[1])
    assert {one: details(merging.person(one)) for one in (kept, first, second)} == before


def test_what_cannot_be_undone_is_refused_with_the_reason(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("B", external_ids=[{"system": "erp", "id": "7"}])
    merge = merging.merge(kept, gone)
    undo = f"{MERGES}/{merge}/undo"
    stale = merging.client.post(undo, headers={"If-Match": '"9"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")
    assert merging.client.delete(f"{PEOPLE}/{kept}").status_code == 204
    assert merging.client.post(undo).json["code"] == "archived"
    assert merging.client.post(f"{PEOPLE}/{kept}/restore").status_code == 200
    assert merging.client.patch(f"{PEOPLE}/{kept}", {"external_ids": []}).status_code == 200
    thief = merging.enter("C", external_ids=[{"system": "erp", "id": "7"}])
    taken = merging.client.post(undo)
    assert (taken.status_code, taken.json["code"]) == (409, "external_id_taken")
    assert merging.client.patch(f"{PEOPLE}/{thief}", {"external_ids": []}).status_code == 200
    merging.undo(merge)
    again = merging.client.post(undo)
    assert (again.status_code, again.json["code"]) == (409, "merge_undone")


def test_nothing_of_who_is_back_is_kept_with_the_merge(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("Amphitrite")
    merge = merging.merge(kept, gone, full_name="merged")
    merging.undo(merge)
    database = merging.contacts.service.database
    with database.tenant_transaction(merging.client.tenant_id) as connection:
        rows = connection.exec_driver_sql("SELECT m::text FROM merges m").scalars().all()
        left = connection.exec_driver_sql("SELECT count(*) FROM merged_records").scalar_one()
    assert len(rows) == 1
    assert "Amphitrite" not in rows[0]
    assert left == 0


def test_somebody_can_be_merged_again_after_coming_back(merging: Merging) -> None:
    kept, gone = merging.enter("A"), merging.enter("B", tags=["b"])
    merging.undo(merging.merge(kept, gone))
    merging.undo(merging.merge(gone, kept))
    merge = merging.merge(kept, gone)
    assert merging.person(gone)["id"] == kept
    merging.undo(merge)
    assert [merging.person(one)["tags"] for one in (kept, gone)] == [[], ["b"]]
