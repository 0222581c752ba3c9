"""Keys by which people are compared are those of what they are now, and of nobody who is gone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.contacts.tests.builders import PEOPLE
from services.contacts.tests.duplicates.conftest import MERGES, Duplicates, birthday


def keys(duplicates: Duplicates) -> dict[str, set[int]]:
    """The keys that are kept, by person."""
    tenant = duplicates.client.tenant_id
    found: dict[str, set[int]] = {}
    with duplicates.contacts.service.database.tenant_transaction(tenant) as connection:
        rows: Any = connection.execute(sa.text("SELECT person_id, key FROM person_match_keys"))
        for person_id, key in rows:
            found.setdefault(str(person_id), set()).add(key)
        stored = connection.execute(sa.text("SELECT id, match_keys FROM people"))
        there = {str(row.id): set(row.match_keys) for row in stored}
    assert {person_id: kept for person_id, kept in there.items() if kept} == found
    return found


def test_a_change_takes_the_old_keys_away_and_a_return_brings_them_back(
    duplicates: Duplicates,
) -> None:
    mary = duplicates.mary()
    before = keys(duplicates)[mary]
    duplicates.change(mary, important_dates=birthday("1931-01-31"))
    changed = keys(duplicates)[mary]
    assert before - changed
    assert changed - before
    duplicates.change(mary, important_dates=birthday("1980-03-12"), tags=["vip"])
    assert keys(duplicates) == {mary: before}


def test_the_archived_have_none_until_they_are_back(duplicates: Duplicates) -> None:
    mary = duplicates.mary()
    before = keys(duplicates)
    assert duplicates.client.delete(f"{PEOPLE}/{mary}").status_code == 204
    assert keys(duplicates) == {}
    assert duplicates.client.post(f"{PEOPLE}/{mary}/restore").status_code == 200
    assert keys(duplicates) == before


def test_whoever_is_merged_or_erased_leaves_none(duplicates: Duplicates) -> None:
    one, other = duplicates.mary(), duplicates.mary(given_name="Joseph")
    both = keys(duplicates)
    merge = duplicates.client.post(f"{PEOPLE}/{one}/merge", {"person_id": other}).json
    assert list(keys(duplicates)) == [one]
    assert duplicates.client.post(f"{MERGES}/{merge['id']}/undo").status_code == 200
    assert keys(duplicates) == both
    for person_id in (one, other):
        erased = duplicates.client.post(f"{PEOPLE}/{person_id}/erase", {"reason": "asked"})
        assert erased.status_code == 200, erased.text
    assert keys(duplicates) == {}
    assert duplicates.listed(state="dismissed") == []


def test_a_change_that_fails_half_way_leaves_the_keys_as_they_were(duplicates: Duplicates) -> None:
    duplicates.mary(external_ids=[{"system": "erp", "id": "1"}])
    mary = duplicates.mary()
    before = keys(duplicates)
    taken = {"external_ids": [{"system": "erp", "id": "1"}], "given_name": "Marie"}
    assert duplicates.client.patch(f"{PEOPLE}/{mary}", taken).status_code == 409
    assert keys(duplicates) == before
