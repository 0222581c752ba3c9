"""Somebody decides about two who may be one: they are made one, told apart, or decided about anew."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.contacts.events.v1 import duplicate_events_pb2 as events
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import (
    MARY,
    MERGES,
    PAIRS,
    Contacts,
    Duplicates,
    birthday,
)


def test_two_who_may_be_one_are_listed_with_what_says_so(duplicates: Duplicates) -> None:
    one, other = duplicates.mary(), duplicates.mary(given_name="Marie")
    (pair,) = duplicates.pairs()
    assert [person["id"] for person in pair["people"]] == sorted([one, other])
    assert {person["full_name"] for person in pair["people"]} == {"Mary Wattson", "Marie Wattson"}
    assert (pair["state"], pair["swapped"], pair["automatic"]) == ("open", False, False)
    assert pair["probability"] > 0.99
    levels = {each["field"]: each["level"] for each in pair["evidence"]}
    assert levels == {
        "given_name": "similar",
        "family_name": "same",
        "birth_date": "same",
        "street": "same",
        "area": "same",
    }
    (fact,) = map(events.DuplicateDetected.FromString, duplicates.facts("DuplicateDetected"))
    assert [fact.first_person_id, fact.second_person_id] == sorted([one, other])
    assert (fact.pair_id, fact.probability) == (pair["id"], pair["probability"])


def test_the_likeliest_come_first_by_pages_and_filters(duplicates: Duplicates) -> None:
    people = [duplicates.mary(), duplicates.mary(given_name="Marie", family_name="Watson")]
    people.append(duplicates.mary(important_dates=birthday("1980-12-03")))
    pairs = duplicates.pairs()
    probabilities = [pair["probability"] for pair in pairs]
    assert len(pairs) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    answer = duplicates.client.get(PAIRS, query_string={"page_size": "2"}).json
    token = answer["next_page_token"]
    rest = duplicates.client.get(PAIRS, query_string={"page_size": "2", "page_token": token}).json
    assert [*answer["items"], *rest["items"]] == pairs
    of_third = duplicates.listed(person_id=people[2])
    assert {pair["id"] for pair in of_third} < {pair["id"] for pair in pairs}
    least = str(probabilities[-1])
    assert len(duplicates.listed(**{"probability[gt]": least})) < 3
    assert duplicates.listed(state="dismissed") == []
    wrong = duplicates.client.get(PAIRS, query_string={"probability[gte]": "high"})
    assert wrong.status_code == 400
    assert wrong.json["errors"][0]["pointer"] == "probability[gte]"


def test_whoever_reaches_one_of_two_sees_and_decides_nothing(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    duplicates = Duplicates(contacts, contacts.app_client(tenant))
    grants = {"contacts.people.read": "own", "contacts.people.write": "own"}
    somebody = Duplicates(contacts, contacts.user_client(tenant, grants))
    duplicates.mary()
    somebody.mary()
    address = duplicates.pair()
    assert somebody.listed() == []
    assert somebody.client.get(address).status_code == 404
    for verb in ("merge", "dismiss", "reopen"):
        answer = somebody.act(address, verb, {} if verb == "merge" else None)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert duplicates.client.get(address).json["state"] == "open"


def test_they_are_made_one_as_is_proposed(duplicates: Duplicates) -> None:
    known = duplicates.mary(
        emails=[{"address": "mary@a.example"}], language="en", lifecycle_stage="lead"
    )
    other = duplicates.mary(
        phones=[{"number": "+886912345678"}], language="de", lifecycle_stage="customer", tags=[]
    )
    duplicates.change(known, tags=["a", "b"])
    address = duplicates.pair()
    proposal = duplicates.client.get(address).json["proposal"]
    assert (proposal["survivor_id"], proposal["merged_id"]) == (known, other)
    assert proposal["fields"] == {"lifecycle_stage": "merged"}
    differences = {each["field"]: each for each in proposal["differences"]}
    assert differences["language"] == {
        "field": "language",
        "survivor": "en",
        "merged": "de",
        "proposed": "survivor",
    }
    merged = duplicates.act(address, "merge", {})
    assert merged.status_code == 201, merged.text
    person = merged.json["person"]
    assert (person["id"], person["language"], person["lifecycle_stage"]) == (
        known,
        "en",
        "customer",
    )
    assert [len(person[name]) for name in ("emails", "phones", "tags")] == [1, 1, 2]
    pair = duplicates.client.get(address).json
    assert (pair["state"], pair["merge_id"]) == ("merged", merged.json["id"])
    assert pair["proposal"] is None
    assert duplicates.pairs() == []
    assert len(duplicates.facts("PersonMerged")) == 1


def test_somebody_chooses_who_is_left_and_what_of_whom(duplicates: Duplicates) -> None:
    one, other = duplicates.mary(language="en", tags=["a"]), duplicates.mary(language="de")
    address = duplicates.pair()
    body: dict[str, Any] = {"survivor_id": other, "fields": {"language": "merged"}}
    merged = duplicates.act(address, "merge", body).json
    assert (merged["survivor_id"], merged["person"]["language"]) == (other, "en")
    assert merged["person"]["tags"] == ["a"]
    assert duplicates.client.get(f"{PEOPLE}/{one}").json["id"] == other


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"survivor_id": "00000000-0000-7000-8000-000000000000"}, "/survivor_id"),
        ({"survivor_id": "somebody"}, "/survivor_id"),
        ({"fields": {"shoe": "merged"}}, "/fields/shoe"),
        ({"fields": {"language": "both"}}, "/fields/language"),
    ],
)
def test_what_cannot_be_chosen_is_refused_by_name(
    duplicates: Duplicates, body: dict[str, Any], pointer: str
) -> None:
    duplicates.mary()
    duplicates.mary()
    answer = duplicates.act(duplicates.pair(), "merge", body)
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"][0]["pointer"] == pointer
    assert len(duplicates.client.get(PEOPLE).json["items"]) == 2


def test_who_was_told_apart_is_not_offered_again_unless_much_more_speaks_for_it(
    duplicates: Duplicates,
) -> None:
    one = duplicates.mary(postal_addresses=[])
    other = duplicates.mary(given_name="Marie", postal_addresses=[])
    address = duplicates.pair()
    told = duplicates.act(address, "dismiss")
    assert (told.status_code, told.json["state"]) == (200, "dismissed"), told.text
    assert told.json["decided_by"].startswith("client:")
    assert duplicates.pairs() == []
    duplicates.change(other, tags=["vip"], source="fair")
    assert duplicates.pairs() == []
    same = [{"number": "+886912345678"}]
    duplicates.change(one, phones=same)
    assert duplicates.pairs() == []
    duplicates.change(other, phones=same)
    (again,) = duplicates.pairs()
    assert (f"{PAIRS}/{again['id']}", again["decided_by"]) == (address, None)
    assert len(duplicates.facts("DuplicateDismissed")) == 1
    assert len(duplicates.facts("DuplicateReopened")) == 1


def test_a_decision_is_taken_once_and_a_dismissed_pair_may_be_reopened(
    duplicates: Duplicates,
) -> None:
    duplicates.mary()
    duplicates.mary()
    address = duplicates.pair()
    refused = duplicates.act(address, "reopen")
    assert (refused.status_code, refused.json["code"]) == (409, "pair_not_dismissed")
    assert duplicates.act(address, "dismiss").status_code == 200
    for verb, body in (("dismiss", None), ("merge", {})):
        refused = duplicates.act(address, verb, body)
        assert (refused.status_code, refused.json["code"]) == (409, "pair_decided")
    (dismissed,) = duplicates.listed(state="dismissed")
    assert f"{PAIRS}/{dismissed['id']}" == address
    assert duplicates.act(address, "reopen").json["state"] == "open"
    assert duplicates.act(address, "merge", {}).status_code == 201


def test_the_version_that_was_seen_is_honoured(duplicates: Duplicates) -> None:
    duplicates.mary()
    duplicates.mary()
    address = duplicates.pair()
    etag = duplicates.client.get(address).headers["ETag"]
    stale = {"If-Match": '"99"'}
    assert duplicates.client.post(f"{address}/dismiss", headers=stale).status_code == 412
    seen = {"If-Match": etag}
    assert duplicates.client.post(f"{address}/dismiss", headers=seen).status_code == 200


def test_an_undone_merge_tells_the_two_apart(duplicates: Duplicates) -> None:
    duplicates.mary()
    duplicates.mary()
    address = duplicates.pair()
    merge = duplicates.act(address, "merge", {}).json
    assert duplicates.client.post(f"{MERGES}/{merge['id']}/undo").status_code == 200
    assert duplicates.pairs() == []
    assert duplicates.client.get(address).json["state"] == "dismissed"


def test_who_were_merged_and_parted_before_anybody_compared_them_are_not_offered(
    duplicates: Duplicates,
) -> None:
    one, other = duplicates.mary(), duplicates.mary()
    merge = duplicates.client.post(f"{PEOPLE}/{one}/merge", {"person_id": other}).json
    assert duplicates.client.post(f"{MERGES}/{merge['id']}/undo").status_code == 200
    assert duplicates.pairs() == []
    assert len(duplicates.listed(state="dismissed")) == 1


def test_a_merge_elsewhere_settles_the_pair_and_the_survivor_is_compared(
    duplicates: Duplicates,
) -> None:
    one, gone, third = (duplicates.mary(tags=[name]) for name in "abc")
    assert len(duplicates.pairs()) == 3
    body = {"person_id": gone}
    merge = duplicates.client.post(f"{PEOPLE}/{one}/merge", body).json
    (left,) = duplicates.pairs()
    assert {person["id"] for person in left["people"]} == {one, third}
    (merged,) = duplicates.listed(state="merged")
    assert merged["merge_id"] == merge["id"]
    assert duplicates.client.post(f"{MERGES}/{merge['id']}/undo").status_code == 200
    assert len(duplicates.pairs()) == 2


def test_who_is_not_somebody_gone_is_not_the_survivor_either_as_long_as_they_are_one(
    duplicates: Duplicates,
) -> None:
    one, gone, third = (duplicates.mary(tags=[name]) for name in "abc")
    duplicates.compare()
    (apart,) = (
        pair
        for pair in duplicates.listed()
        if {person["id"] for person in pair["people"]} == {gone, third}
    )
    assert duplicates.act(f"{PAIRS}/{apart['id']}", "dismiss").status_code == 200
    merge = duplicates.client.post(f"{PEOPLE}/{one}/merge", {"person_id": gone}).json
    assert duplicates.pairs() == []
    assert duplicates.client.post(f"{MERGES}/{merge['id']}/undo").status_code == 200
    (again,) = duplicates.pairs()
    assert {person["id"] for person in again["people"]} == {one, third}


def test_the_archived_wait_and_the_erased_are_forgotten(duplicates: Duplicates) -> None:
    one, other = duplicates.mary(), duplicates.mary()
    address = duplicates.pair()
    assert duplicates.client.delete(f"{PEOPLE}/{other}").status_code == 204
    assert duplicates.pairs() == []
    assert duplicates.client.get(address).status_code == 404
    assert duplicates.client.post(f"{PEOPLE}/{other}/restore").status_code == 200
    assert duplicates.pair() == address
    erased = duplicates.client.post(f"{PEOPLE}/{one}/erase", {"reason": "asked"})
    assert erased.status_code == 200, erased.text
    assert duplicates.pairs() == []
    assert duplicates.client.get(address).status_code == 404
    assert duplicates.client.post(f"{PEOPLE}/find-duplicates", MARY).json["items"] != []


def test_who_is_not_likely_any_more_is_not_offered(duplicates: Duplicates) -> None:
    duplicates.mary()
    other = duplicates.mary()
    address = duplicates.pair()
    day = birthday("1955-10-31")
    duplicates.change(other, given_name="Josephine", full_name="", important_dates=day)
    assert duplicates.pairs() == []
    assert duplicates.client.get(address).status_code == 404
