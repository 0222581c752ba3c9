"""A dry run foretells what a run does, whoever is known already and however rows are batched."""

from __future__ import annotations

import random
from typing import Any

import pytest

from services.contacts.tests.imports.conftest import PEOPLE, Contacts, Importing
from services.contacts.tests.imports.tables import NAMES, csv_of

EMAILS = ("", "a@example.com", "b@example.com", "c@example.com")
PHONES = ("", "+886912345671", "+886912345672", "+886912345673")
NUMBERS = ("", "e1", "e2", "e3")
OUTCOMES = ("created", "updated", "skipped", "failed", "suspected")


def some_rows(seed: int, count: int) -> list[tuple[str, ...]]:
    """Rows that share a few e-mails, phones and external ids; none is like the one before."""
    pick = random.Random(seed).choice  # noqa: S311 - not for secrets
    return [(f"名{n}", pick(EMAILS), pick(PHONES), pick(NUMBERS), "") for n in range(count)]


def outcomes(importing: Importing, address: str) -> dict[int, str]:
    return {row["row"]: row["outcome"] for row in importing.rows(address)}


@pytest.mark.parametrize("batch", [2, 1000])
@pytest.mark.parametrize(
    "plan",
    [
        {"key": "email"},
        {"key": "phone", "duplicates": "update"},
        {"key": "external_id:erp"},
        {"duplicates": "skip"},
        {"duplicates": "update"},
        {},
    ],
    ids=str,
)
def test_every_row_comes_to_the_end_that_the_dry_run_told(
    contacts: Contacts, plan: dict[str, Any], batch: int
) -> None:
    for seed in range(3):
        importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=batch)
        known = {"full_name": "舊名", "emails": [{"address": "a@example.com"}]}
        assert importing.client.post(PEOPLE, known).status_code == 201
        address = importing.upload(csv_of(some_rows(seed, 12)))
        importing.map(address, {name: name for name in NAMES}, **plan)
        dry = importing.run(address, dry=True)
        told = outcomes(importing, address)
        run = importing.run(address)
        assert len(told) == 12
        wrong = {
            row: (told[row], end)
            for row, end in outcomes(importing, address).items()
            if told[row] != end
        }
        assert wrong == {}, f"with seed {seed}"
        assert {name: dry[name] for name in OUTCOMES} == {name: run[name] for name in OUTCOMES}


def test_a_dry_run_names_the_row_that_would_be_the_person_and_no_id(contacts: Contacts) -> None:
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=2)
    rows = [(f"名{n}", "", "", "e1", "") for n in range(3)]
    address = importing.upload(csv_of(rows))
    importing.map(address, {name: name for name in NAMES}, key="external_id:erp")
    importing.run(address, dry=True)
    told = importing.rows(address)
    assert [row["person_id"] for row in told] == [None, None, None]
    assert told[2]["reasons"][0]["message"] == "It changes the person of row 2."
