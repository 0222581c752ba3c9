"""Who is compared with whom: slips leave at least one key in common, and strangers have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contacts.likeness.blocking import keys_of, sound
from contacts.likeness.traits import Place, Traits

MARY = Traits(
    given_name="mary",
    family_name="wattson",
    emails=("mary.wattson@a.example",),
    phones=("+886912345678",),
    birth_date="19800312",
    places=(Place("7 wattle place", "kingsholme", "2119"),),
)


@pytest.mark.parametrize(
    "other",
    [
        replace(MARY, given_name="wattson", family_name="mary"),
        Traits(given_name="marie", family_name="watson"),
        Traits(given_name="joe", family_name="mary", birth_date="19801203"),
        Traits(family_name="watson", places=(Place(postal_code="2119"),)),
        Traits(family_name="x", birth_date="19800101", places=(Place(postal_code="2119"),)),
        Traits(emails=("mary.wattson@b.example",)),
        Traits(phones=("+8860912345678",)),
    ],
)
def test_slips_leave_a_key_in_common(other: Traits) -> None:
    assert set(keys_of(MARY)) & set(keys_of(other))


def test_strangers_have_none_and_nobody_is_nowhere() -> None:
    joe = Traits(given_name="joe", family_name="long", birth_date="19750706")
    assert not set(keys_of(MARY)) & set(keys_of(joe))
    assert keys_of(Traits()) == []


def test_a_number_is_never_twice_among_the_keys_of_one() -> None:
    twice = replace(MARY, places=MARY.places * 2, phones=MARY.phones * 2)
    assert keys_of(twice) == keys_of(MARY)


@pytest.mark.parametrize("name", ["meyer", "maier", "mayr", "meier"])
def test_names_that_sound_alike_are_one(name: str) -> None:
    assert sound(name) == "mr"
