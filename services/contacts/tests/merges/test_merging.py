"""Two people become one: what is left of each, and who is told."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import person_events_pb2 as events
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.merges.conftest import MERGES, Merging

Contacts = ServiceHarness[ContactsTx]


def points(person: dict[str, Any], name: str, value: str) -> list[tuple[str, bool]]:
    return [(point[value], point["primary"]) for point in person[name]]


def test_a_field_is_the_survivors_unless_it_has_none_or_the_other_is_chosen(
    merging: Merging,
) -> None:
    owner = str(uuid4())
    kept = merging.enter("王小明", language="zh-TW", source="fair", lifecycle_stage="lead")
    gone = merging.enter(
        "Wang Xiaoming",
        language="en",
        time_zone="Asia/Taipei",
        source="shop",
        owner_id=owner,
        lifecycle_stage="customer",
        important_dates=[{"kind": "birthday", "date": "1980-05-01"}],
    )
    merging.merge(kept, gone, source="merged", lifecycle_stage="merged")
    person = merging.person(kept)
    assert person["full_name"] == "王小明"
    assert (person["language"], person["time_zone"]) == ("zh-TW", "Asia/Taipei")
    assert (person["source"], person["lifecycle_stage"]) == ("shop", "customer")
    assert person["owner_id"] == owner
    assert person["important_dates"] == [{"kind": "birthday", "date": "1980-05-01", "label": ""}]


def test_lists_are_united_without_doubles_and_the_survivors_primary_stays(merging: Merging) -> None:
    kept = merging.enter(
        emails=[{"address": "ming@example.com", "label": "work"}],
        phones=[],
        tags=["vip", "fair"],
        external_ids=[{"system": "erp", "id": "1"}],
        postal_addresses=[{"lines": ["1 Road"], "city": "Taipei"}],
    )
    gone = merging.enter(
        emails=[{"address": "MING@example.com"}, {"address": "ming@home.example", "primary": True}],
        phones=[{"number": "+886912345678"}],
        tags=["fair", "news"],
        external_ids=[{"system": "shop", "id": "1"}],
        handles=[{"network": "line", "handle": "ming"}],
        postal_addresses=[{"lines": ["1 Road"], "city": "Taipei"}, {"lines": ["2 Road"]}],
    )
    merging.merge(kept, gone)
    person = merging.person(kept)
    assert points(person, "emails", "address") == [
        ("ming@example.com", True),
        ("ming@home.example", False),
    ]
    assert person["emails"][0]["label"] == "work"
    assert points(person, "phones", "number") == [("+886912345678", True)]
    assert person["tags"] == ["vip", "fair", "news"]
    assert [(e["system"], e["id"]) for e in person["external_ids"]] == [("erp", "1"), ("shop", "1")]
    assert [handle["handle"] for handle in person["handles"]] == ["ming"]
    assert [a["lines"] for a in person["postal_addresses"]] == [["1 Road"], ["2 Road"]]


def test_custom_fields_are_chosen_one_by_one(merging: Merging) -> None:
    for key in ("size", "colour"):
        field = {"object": "person", "key": key, "type": "text", "label": {"en": key}}
        assert merging.client.post("/v1/contacts/custom-fields", field).status_code == 201
    kept = merging.enter(custom_fields={"size": "L"})
    gone = merging.enter(custom_fields={"size": "M", "colour": "red"})
    merging.merge(kept, gone, **{"custom_fields.size": "merged"})
    assert merging.person(kept)["custom_fields"] == {"size": "M", "colour": "red"}
    found = merging.client.get(f"{PEOPLE}?custom.size=M").json["items"]
    assert [person["id"] for person in found] == [kept]


def test_whoever_asks_for_the_other_is_answered_with_the_one_who_was_left(merging: Merging) -> None:
    kept = merging.enter()
    gone = merging.enter(
        "陳大文",
        emails=[{"address": "wen@example.com"}],
        phones=[{"number": "+886912345678"}],
        external_ids=[{"system": "erp", "id": "7"}],
    )
    merging.merge(kept, gone)
    client = merging.client
    answer = client.get(f"{PEOPLE}/{gone}")
    assert (answer.status_code, answer.json["id"]) == (200, kept)
    assert answer.headers["Content-Location"] == f"{PEOPLE}/{kept}"
    assert "Content-Location" not in client.get(f"{PEOPLE}/{kept}").headers
    assert client.get(f"{PEOPLE}/by-external-id/erp/7").json["id"] == kept
    for query in ("email=wen@example.com", "phone=%2B886912345678", "q=wen@ex"):
        assert [one["id"] for one in client.get(f"{PEOPLE}?{query}").json["items"]] == [kept]
    upserted = client.put(f"{PEOPLE}/by-external-id/erp/7", {"source": "erp"})
    assert (upserted.status_code, upserted.json["id"]) == (200, kept)
    assert [one["id"] for one in client.get(PEOPLE).json["items"]] == [kept]
    for below in ("quality", "employments", "relations", "interactions", "signs-of-life"):
        assert (
            client.get(f"{PEOPLE}/{gone}/{below}").json
            == client.get(f"{PEOPLE}/{kept}/{below}").json
        )
    assert client.get(f"{PEOPLE}?q=陳大").json["items"] == []
    for refused in (
        client.patch(f"{PEOPLE}/{gone}", {"source": "x"}),
        client.delete(f"{PEOPLE}/{gone}"),
    ):
        assert (refused.status_code, refused.json["code"]) == (404, "person_merged")
        assert kept in refused.json["detail"]


def test_the_facts_tell_of_the_merge_and_of_what_it_changed(merging: Merging) -> None:
    kept, gone = merging.enter(), merging.enter(language="de", tags=["x"])
    merge = merging.merge(kept, gone)
    (merged,) = map(events.PersonMerged.FromString, merging.facts("PersonMerged"))
    assert merged == events.PersonMerged(person_id=kept, merged_person_id=gone, merge_id=merge)
    (changed,) = map(events.PersonChanged.FromString, merging.facts("PersonChanged"))
    assert (changed.person_id, list(changed.changed_fields)) == (kept, ["language", "tags"])
    assert merging.person(kept)["version"] == 3


def test_a_merge_tells_who_was_merged_when_by_whom_and_what_was_chosen(merging: Merging) -> None:
    kept, gone = merging.enter(), merging.enter(language="de")
    answer = merging.try_merge(kept, gone, language="merged")
    assert answer.status_code == 201
    merge_id = answer.json["id"]
    assert answer.headers["Location"] == f"{MERGES}/{merge_id}"
    assert answer.json["person"] == merging.person(kept)
    got = merging.client.get(f"{MERGES}/{merge_id}")
    assert got.headers["ETag"] == '"1"'
    expected = {"survivor_id": kept, "merged_id": gone, "person_id": kept}
    assert expected.items() <= got.json.items()
    assert got.json["fields"] == {"language": "merged"}
    assert got.json["merged_by"].startswith("client:")
    assert got.json["undone_at"] is None
    listed = merging.client.get(f"{MERGES}?merged_id={gone}&undone=false").json["items"]
    assert [one["id"] for one in listed] == [merge_id]
    assert merging.client.get(f"{MERGES}?undone=true").json["items"] == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"shoe": "merged"}, "/fields/shoe"),
        ({"custom_fields.x": "merged"}, "/fields/custom_fields.x"),
    ],
)
def test_a_field_that_there_is_not_cannot_be_chosen(
    merging: Merging, fields: dict[str, str], pointer: str
) -> None:
    answer = merging.try_merge(merging.enter(), merging.enter(), **fields)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [
        (pointer, "field_unknown")
    ]


def test_whom_nobody_can_be_merged_with(merging: Merging) -> None:
    kept, gone, archived, other = (merging.enter() for _ in range(4))
    assert merging.client.delete(f"{PEOPLE}/{archived}").status_code == 204
    merging.merge(kept, gone)
    for survivor, merged, status, code in (
        (kept, kept, 422, "self_reference"),
        (kept, str(uuid4()), 422, "person_unknown"),
        (str(uuid4()), kept, 404, "not_found"),
        (kept, archived, 409, "archived"),
        (archived, kept, 409, "archived"),
        (other, gone, 409, "already_merged"),
        (kept, gone, 409, "already_merged"),
        (gone, other, 404, "person_merged"),
    ):
        answer = merging.try_merge(survivor, merged)
        codes = {answer.json["code"], *(e["code"] for e in answer.json.get("errors", ()))}
        assert (answer.status_code, code in codes) == (status, True), answer.text
    assert len(merging.client.get(PEOPLE).json["items"]) == 2


def test_the_version_that_was_seen_and_a_repeated_key_are_honoured(merging: Merging) -> None:
    kept, gone = merging.enter(), merging.enter()
    path, body = f"{PEOPLE}/{kept}/merge", {"person_id": gone}
    stale = merging.client.post(path, body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")
    headers = {"If-Match": '"1"', "Idempotency-Key": "merge-1"}
    first, again = (merging.client.post(path, body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(merging.facts("PersonMerged")) == 1


def test_another_tenant_and_whoever_reaches_only_one_of_them_merges_nobody(
    contacts: Contacts, merging: Merging
) -> None:
    me = uuid4()
    mine, theirs = merging.enter(owner_id=str(me)), merging.enter(owner_id=str(uuid4()))
    assert merging.client.tenant_id is not None
    grants = {"contacts.people.write": "own", "contacts.people.read": "own"}
    user = contacts.user_client(merging.client.tenant_id, grants, user_id=me)
    stranger = contacts.app_client(contacts.new_tenant())
    reader = contacts.app_client(merging.client.tenant_id, "contacts.people.read")
    unknown: list[tuple[ApiClient, str, str, int]] = [
        (user, mine, theirs, 422),
        (user, theirs, mine, 404),
        (stranger, mine, theirs, 404),
        (reader, mine, theirs, 403),
    ]
    for client, survivor, merged, status in unknown:
        answer = client.post(f"{PEOPLE}/{survivor}/merge", {"person_id": merged})
        assert answer.status_code == status, answer.text
    merge = merging.merge(theirs, mine)
    for client in (user, stranger):
        assert client.get(MERGES).json["items"] == []
        assert client.get(f"{MERGES}/{merge}").status_code == 404
        assert client.get(f"{PEOPLE}/{mine}").status_code == 404
    for client, status in ((user, 404), (stranger, 404), (reader, 403)):
        assert client.post(f"{MERGES}/{merge}/undo").status_code == status
    assert contacts.anonymous().get(MERGES).status_code == 401
