"""Duplicates are merged by themselves where the tenant wants that, and where nothing speaks against it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.storage.tables import outbox
from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import (
    MARY,
    MERGES,
    PAIRS,
    SETTINGS,
    Contacts,
    Duplicates,
    birthday,
)


def merges(duplicates: Duplicates) -> list[dict[str, Any]]:
    """Compare whoever waits; gives the merges."""
    duplicates.compare()
    items: list[dict[str, Any]] = duplicates.client.get(MERGES).json["items"]
    return items


def test_nobody_is_merged_unless_the_tenant_says_so(duplicates: Duplicates) -> None:
    duplicates.mary()
    duplicates.mary()
    assert merges(duplicates) == []
    assert duplicates.client.get(SETTINGS).json == {
        "version": 0,
        "offer_from": 0.8,
        "merge_from": None,
    }


def test_who_is_surely_one_is_merged_by_the_service_and_can_be_parted(
    duplicates: Duplicates,
) -> None:
    duplicates.set(merge_from=0.99)
    one, other = duplicates.mary(tags=["a"]), duplicates.mary()
    (merge,) = merges(duplicates)
    assert (merge["survivor_id"], merge["merged_id"]) == (one, other)
    assert merge["merged_by"] == "service:contacts"
    assert _actors(duplicates, "PersonMerged") == ["service:contacts"]
    (pair,) = duplicates.listed(state="merged")
    assert (pair["merge_id"], pair["decided_by"]) == (merge["id"], "service:contacts")
    assert duplicates.client.post(f"{MERGES}/{merge['id']}/undo").status_code == 200
    duplicates.compare()
    assert len(duplicates.client.get(PEOPLE).json["items"]) == 2, "they are not merged again"


def _actors(duplicates: Duplicates, name: str) -> list[str]:
    tenant = duplicates.client.tenant_id
    database = duplicates.contacts.service.database
    found = sa.select(outbox.c.actor).where(outbox.c.type.endswith(f".{name}"))
    with database.tenant_transaction(tenant) as connection:
        return list(connection.execute(found.where(outbox.c.tenant_id == tenant)).scalars())


PHONE = [{"number": "+886912345678"}]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"given_name": "Joseph"}),
        ({"given_name": "Anna"}, {"given_name": "Anne"}),
        ({"full_name": "王小明"}, {"full_name": "王大明"}),
        ({"important_dates": []}, {"important_dates": []}),
        ({"phones": PHONE}, {"phones": PHONE, "important_dates": birthday("1980-12-03")}),
        (
            {"external_ids": [{"system": "erp", "id": "1"}]},
            {"external_ids": [{"system": "erp", "id": "2"}]},
        ),
        ({"given_name": "", "full_name": "Wattson"}, {"given_name": "", "full_name": "Wattson"}),
    ],
    ids=[
        "twins",
        "twins of like names",
        "twins of like characters",
        "father and son of one name",
        "another birth date",
        "two ids of one system",
        "half a name",
    ],
)
def test_whoever_may_be_two_after_all_is_left_to_people(
    duplicates: Duplicates, first: dict[str, Any], second: dict[str, Any]
) -> None:
    duplicates.set(merge_from=0.9)
    for each in (first, second):
        details = {**MARY, **each}
        if "full_name" in each:
            details = {**details, "given_name": "", "family_name": ""}
        duplicates.enter(**details)
    assert merges(duplicates) == []
    (pair,) = duplicates.listed()
    assert (pair["probability"] >= 0.9, pair["automatic"]) == (True, False)


def test_an_external_id_that_both_have_or_of_another_system_is_no_contradiction(
    duplicates: Duplicates,
) -> None:
    duplicates.set(merge_from=0.9)
    duplicates.mary(external_ids=[{"system": "erp", "id": "1"}])
    duplicates.mary(external_ids=[{"system": "shop", "id": "2"}])
    (merge,) = merges(duplicates)
    person = duplicates.client.get(f"{PEOPLE}/{merge['survivor_id']}").json
    assert len(person["external_ids"]) == 2


def test_who_was_told_apart_is_never_merged_by_itself(duplicates: Duplicates) -> None:
    duplicates.mary()
    other = duplicates.mary()
    assert duplicates.act(duplicates.pair(), "dismiss").status_code == 200
    duplicates.set(merge_from=0.9)
    duplicates.change(other, source="fair", language="en")
    duplicates.change(other, postal_addresses=[])
    assert merges(duplicates) == []


def test_three_who_are_one_become_one(duplicates: Duplicates) -> None:
    duplicates.set(merge_from=0.9)
    for _ in range(3):
        duplicates.mary()
    assert len(merges(duplicates)) == 2
    assert len(duplicates.client.get(PEOPLE).json["items"]) == 1
    assert duplicates.listed() == []


def test_a_look_at_everybody_merges_whom_was_found_before(duplicates: Duplicates) -> None:
    duplicates.mary()
    duplicates.mary()
    assert len(duplicates.pairs()) == 1
    duplicates.set(merge_from=0.9)
    job = duplicates.find()
    duplicates.worker().run_next()
    done = duplicates.client.get(job).json
    assert (done["state"], done["result"]["merged"]) == ("succeeded", 1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"offer_from": 0.4}, "/offer_from"),
        ({"offer_from": 1.1}, "/offer_from"),
        ({"offer_from": 0.8, "merge_from": 0.85}, "/merge_from"),
        ({"offer_from": 0.95, "merge_from": 0.92}, "/merge_from"),
        ({"merge_from": 0.99}, "/offer_from"),
    ],
)
def test_limits_that_make_no_sense_are_refused_by_name(
    duplicates: Duplicates, body: dict[str, Any], pointer: str
) -> None:
    answer = duplicates.client.put(SETTINGS, body)
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"][0]["pointer"] == pointer


def test_what_is_about_everybody_needs_reach_over_all(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    somebody = contacts.user_client(tenant, {"contacts.duplicates.*": "team"})
    for answer in (
        somebody.put(SETTINGS, {"offer_from": 0.9}),
        somebody.post(f"{PAIRS}/find"),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "reach_over_all_needed")
    reader = contacts.user_client(tenant, {"contacts.duplicates.read": "all"})
    assert reader.get(SETTINGS).status_code == 200
    assert reader.put(SETTINGS, {"offer_from": 0.9}).status_code == 403
    everybody = contacts.user_client(tenant, {"contacts.duplicates.*": "all"})
    assert everybody.put(SETTINGS, {"offer_from": 0.9}).status_code == 200
