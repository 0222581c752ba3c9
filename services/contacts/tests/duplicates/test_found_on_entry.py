"""Whoever enters somebody hears of those who may be the same, and how likely that is."""

from __future__ import annotations

from typing import Any

import pytest

from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import MARY, Contacts, Duplicates, birthday


def told(duplicates: Duplicates, **details: Any) -> dict[str, float]:
    """Of a new person: who may be the same, with the probability."""
    found = duplicates.entered(**details)["duplicates"]
    return {one["person_id"]: one["probability"] for one in found}


@pytest.mark.parametrize(
    "changed",
    [
        {"given_name": "Marie", "family_name": "Watson"},
        {"given_name": "Wattson", "family_name": "Mary"},
        {"important_dates": birthday("1980-12-03")},
        {"important_dates": birthday("1980-03-13")},
        {"postal_addresses": [], "family_name": "Watson"},
        {"important_dates": []},
        {"given_name": "", "full_name": "Wattson"},
    ],
    ids=["misspelt", "swapped", "day and month", "a digit", "no address", "no date", "half a name"],
)
def test_somebody_who_was_written_otherwise_is_told_of(
    duplicates: Duplicates, changed: dict[str, Any]
) -> None:
    mary = duplicates.mary()
    found = told(duplicates, **{**MARY, **changed})
    assert list(found) == [mary]
    assert 0.8 <= found[mary] <= 1


def test_a_chinese_name_with_another_character_is_told_of_where_more_agrees(
    duplicates: Duplicates,
) -> None:
    day = birthday("1990-05-01")
    ming = duplicates.enter(full_name="王小明", important_dates=day)
    found = duplicates.entered(full_name="王曉明", important_dates=day)["duplicates"]
    assert [one["person_id"] for one in found] == [ming]
    assert found[0]["matched_on"] == ["characters", "birth_date"]
    assert told(duplicates, full_name="王曉明") == {}


def test_somebody_who_has_only_a_name_or_a_day_in_common_is_nobody_to_tell_of(
    duplicates: Duplicates,
) -> None:
    duplicates.mary()
    assert told(duplicates, given_name="Mary", family_name="Wattson") == {}
    day = birthday("1980-03-12")
    assert told(duplicates, full_name="Minnie Walsh", important_dates=day) == {}


def test_who_matches_exactly_comes_first_and_has_a_probability_as_well(
    duplicates: Duplicates,
) -> None:
    other = duplicates.enter(full_name="Jo Long", emails=[{"address": "office@acme.example"}])
    mary = duplicates.mary()
    found = duplicates.entered(**MARY, emails=[{"address": "office@acme.example"}])["duplicates"]
    assert [(one["person_id"], one["matched_on"]) for one in found] == [
        (other, ["email"]),
        (mary, ["given_name", "family_name", "birth_date", "street", "area"]),
    ]
    assert found[0]["probability"] < 0.8 < found[1]["probability"]


def test_who_is_only_likely_is_no_reason_to_refuse(duplicates: Duplicates) -> None:
    duplicates.mary()
    answer = duplicates.client.post(f"{PEOPLE}?refuse_duplicates=true", MARY)
    assert answer.status_code == 201, answer.text


def test_the_tenant_says_from_which_probability_on_it_is_told(duplicates: Duplicates) -> None:
    mary = duplicates.mary()
    elsewhere = {"lines": ["12 Pinkerton Circuit"], "city": "Richlands", "postal_code": "2119"}
    weak = {**MARY, "important_dates": [], "postal_addresses": [{**elsewhere, "country": "AU"}]}
    path = f"{PEOPLE}/find-duplicates"
    assert duplicates.client.post(path, weak).json["items"] == []
    duplicates.set(offer_from=0.5)
    (found,) = duplicates.client.post(path, weak).json["items"]
    assert found["person_id"] == mary
    assert 0.5 <= found["probability"] < 0.8
    assert told(duplicates, **weak) == {mary: found["probability"]}


def test_the_archived_and_those_out_of_reach_are_not_told_of(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    duplicates = Duplicates(contacts, contacts.app_client(tenant))
    archived = duplicates.mary()
    assert duplicates.client.delete(f"{PEOPLE}/{archived}").status_code == 204
    duplicates.mary(tags=["the app's"])
    grants = {"contacts.people.read": "own", "contacts.people.write": "own"}
    somebody = Duplicates(contacts, contacts.user_client(tenant, grants))
    assert told(somebody, **MARY) == {}
    assert len(told(somebody, **MARY)) == 1, "their own"


def test_another_tenants_people_are_never_candidates(contacts: Contacts) -> None:
    one, other = (Duplicates(contacts, contacts.app_client(contacts.new_tenant())) for _ in "ab")
    one.mary()
    asked = other.client.post(f"{PEOPLE}/find-duplicates", MARY)
    assert (asked.status_code, asked.json["items"]) == (200, [])
    assert told(other, **MARY) == {}
    assert other.pairs() == []


def test_duplicates_are_looked_for_without_entering_anybody(duplicates: Duplicates) -> None:
    mary = duplicates.mary()
    wanted = {**MARY, "given_name": "Wattson", "family_name": "Mary"}
    answer = duplicates.client.post(f"{PEOPLE}/find-duplicates", wanted)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json["items"]
    assert (found["person_id"], found["swapped"]) == (mary, True)
    assert found["matched_on"] == ["given_name", "family_name", "birth_date", "street", "area"]
    assert all(one["weight"] > 0 for one in found["evidence"])
    assert len(duplicates.client.get(PEOPLE).json["items"]) == 1
    wrong = duplicates.client.post(
        f"{PEOPLE}/find-duplicates", {"emails": [{"address": "not one"}]}
    )
    assert wrong.status_code == 422
    assert wrong.json["errors"][0]["pointer"] == "/emails/0/address"


def test_a_key_that_very_many_share_finds_nobody_and_is_told(duplicates: Duplicates) -> None:
    crowd = [{"full_name": "陳怡君", "tags": [str(number)]} for number in range(51)]
    answer = duplicates.client.post(f"{PEOPLE}/batch", {"items": crowd})
    assert answer.status_code == 200, answer.text
    asked = duplicates.client.post(
        f"{PEOPLE}/find-duplicates",
        {"full_name": "陳怡君", "phones": [{"number": "+886912345678"}]},
    )
    assert asked.json == {"items": [], "too_common": ["name"]}


def test_candidates_of_nobody_are_not_found(duplicates: Duplicates, contacts: Contacts) -> None:
    mary = duplicates.mary()
    other = contacts.app_client(contacts.new_tenant())
    assert other.get(f"{PEOPLE}/{mary}/duplicates").status_code == 404
    reader = contacts.app_client(duplicates.client.tenant_id or contacts.new_tenant(), "sales.*")
    assert reader.get(f"{PEOPLE}/{mary}/duplicates").status_code == 403
