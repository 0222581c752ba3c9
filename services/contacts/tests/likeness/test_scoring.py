"""How likely it is that two are one: the same either way round, between 0 and 1, and more for more agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.contact_points.domain import Address, EmailPoint, PhonePoint
from contacts.likeness.comparing import Field, Level
from contacts.likeness.scoring import likeness
from contacts.likeness.traits import Place, Traits, traits_of
from contacts.likeness.weights import ASSUMED, ESTIMATED, bits_of
from contacts.people.domain import ImportantDate, PersonDetails

WORDS = st.text("abcdeimnorstwy", max_size=9)
DIGITS = st.text("0123456789", min_size=8, max_size=8)
PLACES = st.builds(Place, street=WORDS, city=WORDS, postal_code=st.text("123", max_size=4))
TRAITS = st.builds(
    Traits,
    given_name=WORDS,
    family_name=WORDS,
    characters=st.one_of(st.just(""), st.text("王李小大明曉", min_size=2, max_size=4)),
    emails=st.lists(st.builds("{}@{}.example".format, WORDS, WORDS), max_size=2).map(tuple),
    phones=st.lists(st.builds("+88691{}".format, DIGITS), max_size=2).map(tuple),
    birth_date=st.one_of(st.just(""), DIGITS),
    places=st.lists(PLACES, max_size=2).map(tuple),
)


@given(TRAITS, TRAITS)
def test_it_is_the_same_whichever_of_the_two_comes_first(one: Traits, other: Traits) -> None:
    assert likeness(one, other) == likeness(other, one)


@given(TRAITS, TRAITS)
def test_it_is_a_probability_and_the_sum_of_what_explains_it(one: Traits, other: Traits) -> None:
    alike = likeness(one, other)
    assert 0 <= alike.probability <= 1
    told = sum(one.bits for one in alike.evidence)
    assert alike.bits == pytest.approx(told - 3.4 if alike.swapped else told, abs=0.01)


def _names(one: Traits, _: Traits) -> dict[str, Any]:
    return {"given_name": one.given_name, "family_name": one.family_name}


@given(
    TRAITS,
    TRAITS,
    st.sampled_from(
        [
            _names,
            lambda one, _: {"emails": one.emails},
            lambda one, other: {"emails": (*other.emails, *one.emails)},
            lambda one, other: {"phones": (*other.phones, *one.phones)},
            lambda one, _: {"phones": one.phones},
            lambda one, _: {"characters": one.characters},
            lambda one, _: {"birth_date": one.birth_date},
            lambda one, other: {"places": (*other.places, *one.places)},
        ]
    ),
)
def test_more_agreement_never_makes_it_less_likely(
    one: Traits, other: Traits, agreeing: Callable[[Traits, Traits], dict[str, Any]]
) -> None:
    """Where both have something already: of what only one of them has nothing is known."""
    change = agreeing(one, other)
    if not all(getattr(one, name) and getattr(other, name) for name in change):
        return
    assert likeness(one, replace(other, **change)).bits >= likeness(one, other).bits - 1e-9


@given(TRAITS)
def test_nobody_is_likelier_than_somebody_who_is_the_same_in_all(one: Traits) -> None:
    assert all(e.level is Level.SAME and e.bits > 0 for e in likeness(one, one).evidence)


def test_what_agrees_more_weighs_more_and_only_what_differs_speaks_against() -> None:
    for field in {**ESTIMATED, **ASSUMED}:
        bits = [bits_of(field, level) for level in Level if level is not Level.UNKNOWN]
        assert bits == sorted(bits)
        assert bits[0] < 0 < bits[-1]
        assert bits_of(field, Level.UNKNOWN) == 0


def person(**details: Any) -> Traits:
    """What is compared of somebody."""
    day = details.pop("born", None)
    if day:
        details["important_dates"] = (ImportantDate("birthday", day),)
    details["emails"] = tuple(map(EmailPoint, details.pop("emails", ())))
    details["phones"] = tuple(map(PhonePoint, details.pop("phones", ())))
    return traits_of(PersonDetails(**details))


MARY = {"given_name": "Mary", "family_name": "Wattson"}


@pytest.mark.parametrize(
    ("one", "other", "field", "level"),
    [
        ({"family_name": "Meier"}, {"family_name": "Meyer"}, Field.FAMILY_NAME, Level.CLOSE),
        ({"family_name": "Wattson"}, {"family_name": "Watson"}, Field.FAMILY_NAME, Level.CLOSE),
        ({"family_name": "Wong"}, {"family_name": "Wogn"}, Field.FAMILY_NAME, Level.CLOSE),
        ({"family_name": "Müller"}, {"family_name": "MULLER"}, Field.FAMILY_NAME, Level.SAME),
        (
            {**MARY, "given_name": "M"},
            MARY,
            Field.GIVEN_NAME,
            Level.SIMILAR,
        ),
        ({"full_name": "王小明"}, {"full_name": "王曉明"}, Field.CHARACTERS, Level.CLOSE),
        ({"full_name": "王小明"}, {"full_name": "王明小"}, Field.CHARACTERS, Level.CLOSE),
        ({"full_name": "王小明"}, {"full_name": "王 小明"}, Field.CHARACTERS, Level.SAME),
        ({"full_name": "王明"}, {"full_name": "李明"}, Field.CHARACTERS, Level.DIFFERENT),
        ({"full_name": "山田 太郎"}, {"full_name": "山田太郎"}, Field.CHARACTERS, Level.SAME),
        ({"full_name": "김민준"}, {"full_name": "김민중"}, Field.CHARACTERS, Level.CLOSE),
        ({"born": "1980-03-12"}, {"born": "1980-12-03"}, Field.BIRTH_DATE, Level.CLOSE),
        ({"born": "1980-03-12"}, {"born": "1980-03-21"}, Field.BIRTH_DATE, Level.CLOSE),
        ({"born": "1980-03-12"}, {"born": "1981-03-12"}, Field.BIRTH_DATE, Level.CLOSE),
        ({"born": "1980-03-12"}, {"born": "1991-07-30"}, Field.BIRTH_DATE, Level.DIFFERENT),
        (
            {"phones": ["+886912345678"]},
            {"phones": ["+886900000000", "+886912345687"]},
            Field.PHONE,
            Level.CLOSE,
        ),
        (
            {"emails": ["mary.wattson@gmail.com"]},
            {"emails": ["mary.wattson@gmial.com"]},
            Field.EMAIL,
            Level.CLOSE,
        ),
        (
            {"emails": ["mary.wattson@a.example"]},
            {"emails": ["mary.wattson@other.example"]},
            Field.EMAIL,
            Level.SIMILAR,
        ),
        (
            {"emails": ["wattson1@a.example"]},
            {"emails": ["wattson2@a.example"]},
            Field.EMAIL,
            Level.DIFFERENT,
        ),
    ],
)
def test_slips_count_as_nearly_the_same(
    one: dict[str, Any], other: dict[str, Any], field: Field, level: Level
) -> None:
    assert likeness(person(**one), person(**other)).level(field) is level


def test_names_in_each_others_place_are_known_again() -> None:
    swapped = person(given_name="Wattson", family_name="Mary", born="1980-03-12")
    alike = likeness(person(**MARY, born="1980-03-12"), swapped)
    assert alike.swapped
    assert alike.probability > 0.95


def test_a_whole_name_is_its_parts() -> None:
    assert person(full_name="Mary Wattson") == person(**MARY, full_name="Mary Wattson")


def test_a_name_in_characters_and_one_in_letters_say_nothing_of_each_other() -> None:
    assert likeness(person(full_name="王小明"), person(full_name="Wang Xiaoming")).evidence == ()


def test_the_address_that_agrees_most_counts() -> None:
    home = Address(("7 Wattle Place",), city="Kingsholme", postal_code="2119")
    moved = Address(("1 Other Road",), city="Perth", postal_code="6000")
    alike = likeness(
        person(**MARY, postal_addresses=(moved, home)),
        person(**MARY, postal_addresses=(home,)),
    )
    assert alike.level(Field.STREET) is Level.SAME


def test_twins_are_likely_and_yet_no_household_alone_is() -> None:
    """Who lives together shares a family name and an address; without more that is no reason."""
    home = Address(("7 Wattle Place",), city="Kingsholme", postal_code="2119")
    one, other = (
        person(given_name=name, family_name="Wattson", postal_addresses=(home,))
        for name in ("Mary", "Joseph")
    )
    assert likeness(one, other).probability < 0.8
