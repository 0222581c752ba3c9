"""How far two people agree, field by field: a few levels each, as Winkler (1990) compares.

Misspellings count as nearly the same: by the similarity of Jaro and Winkler, which forgives the end of a
word more than its beginning, and by the distance of Damerau and Levenshtein, which counts letters that
are wrong, too many, missing or interchanged.

- M. Jaro (1989), Advances in Record-Linkage Methodology as Applied to Matching the 1985 Census of Tampa.
- W. E. Winkler (1990), String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model
  of Record Linkage. Proceedings of the Section on Survey Research Methods, American Statistical Association.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, StrEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from contacts.likeness.traits import Place, Traits


class Field(StrEnum):
    """What is compared."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    CHARACTERS = "characters"
    EMAIL = "email"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    STREET = "street"
    AREA = "area"


class Level(IntEnum):
    """How far a field agrees, the more the greater; `UNKNOWN` is where one of the two has nothing."""

    UNKNOWN = -1
    DIFFERENT = 0
    SIMILAR = 1
    CLOSE = 2
    SAME = 3


Agreement = Mapping[Field, Level]
"""Of each field how far it agrees."""

_CLOSE, _SIMILAR = 0.92, 0.83
_STREET_CLOSE, _STREET_SIMILAR = 85, 70
_SHORTEST_MISSPELT = 4
_SHORTEST_CHARACTERS = 3
_SHORTEST_LOCAL_PART = 5


def agreements(one: Traits, other: Traits) -> Sequence[Agreement]:
    """How far two people agree: once as their names stand, and once with the names of one swapped.

    The same whichever of the two comes first.
    """
    common = {
        Field.CHARACTERS: _level(characters_level, one.characters, other.characters),
        Field.EMAIL: _best(email_level, one.emails, other.emails),
        Field.PHONE: _best(phone_level, one.phones, other.phones),
        Field.BIRTH_DATE: _level(date_level, one.birth_date, other.birth_date),
    } | _where(one.places, other.places)
    straight = (
        _level(word_level, one.given_name, other.given_name),
        _level(word_level, one.family_name, other.family_name),
    )
    swapped = (
        _level(word_level, one.given_name, other.family_name),
        _level(word_level, one.family_name, other.given_name),
    )
    # Crosswise each part is both: which level is whose depends on who comes first, so they are in order.
    crosswise = (min(swapped), max(swapped))
    return [
        {Field.GIVEN_NAME: given, Field.FAMILY_NAME: family, **common}
        for given, family in (straight, crosswise)
    ]


def word_level(one: str, other: str) -> Level:
    """How far two names agree that are written in letters."""
    if one == other:
        return Level.SAME
    one, other = sorted((one, other))
    likeness = _likeness(one, other)
    shortest = min(len(one), len(other))
    if likeness >= _CLOSE or (shortest >= _SHORTEST_MISSPELT and OSA.distance(one, other) <= 1):
        return Level.CLOSE
    return Level.SIMILAR if likeness >= _SIMILAR or _is_short_for(one, other) else Level.DIFFERENT


def characters_level(one: str, other: str) -> Level:
    """How far two names agree whose characters stand for syllables or words: 王小明 and 王曉明.

    With three characters or more, one that is another, missing or interchanged is close.
    """
    if one == other:
        return Level.SAME
    longest = max(len(one), len(other))
    is_close = longest >= _SHORTEST_CHARACTERS and OSA.distance(*sorted((one, other))) <= 1
    return Level.CLOSE if is_close else Level.DIFFERENT


def email_level(one: str, other: str) -> Level:
    """How far two addresses agree: what stands before the @ says more than what follows."""
    if one == other:
        return Level.SAME
    one, other = sorted((one, other))
    my_part, my_host = mailbox(one)
    your_part, your_host = mailbox(other)
    if min(len(my_part), len(your_part)) < _SHORTEST_LOCAL_PART:
        return Level.DIFFERENT
    if my_part == your_part:
        return Level.CLOSE if OSA.distance(my_host, your_host) <= 1 else Level.SIMILAR
    is_slip = my_host == your_host and OSA.distance(my_part, your_part) <= 1
    return (
        Level.SIMILAR if is_slip and not _differ_in_digits(my_part, your_part) else Level.DIFFERENT
    )


def mailbox(address: str) -> tuple[str, str]:
    """What stands before the @, without dots, which people forget and some hosts ignore; and the host."""
    local_part, _, host = address.partition("@")
    return local_part.replace(".", ""), host


def phone_level(one: str, other: str) -> Level:
    """How far two numbers agree: one digit that is wrong, or two that are interchanged, are close."""
    if one == other:
        return Level.SAME
    if len(one) == len(other) and OSA.distance(*sorted((one, other))) == 1:
        return Level.CLOSE
    return Level.DIFFERENT


def date_level(one: str, other: str) -> Level:
    """How far two dates of eight digits agree: day and month swapped, one digit wrong, two interchanged."""
    if one == other:
        return Level.SAME
    if one[:4] == other[:4] and (one[4:6], one[6:]) == (other[6:], other[4:6]):
        return Level.CLOSE
    if OSA.distance(*sorted((one, other))) <= 1:
        return Level.CLOSE
    return Level.SIMILAR if sum(map(str.__ne__, one, other)) <= 2 else Level.DIFFERENT


def street_level(one: str, other: str) -> Level:
    """How far streets with numbers agree, in whatever order their words stand."""
    if one == other:
        return Level.SAME
    likeness = fuzz.token_sort_ratio(*sorted((one, other)))
    if likeness >= _STREET_CLOSE:
        return Level.CLOSE
    return Level.SIMILAR if likeness >= _STREET_SIMILAR else Level.DIFFERENT


def area_level(one: Place, other: Place) -> Level:
    """How far two areas agree by postal code and city, of which either may be wrong."""
    code = _level(_code_level, one.postal_code, other.postal_code)
    city = _level(word_level, one.city, other.city)
    known = [level for level in (code, city) if level is not Level.UNKNOWN]
    if not known:
        return Level.UNKNOWN
    if min(known) is Level.SAME:
        return Level.SAME
    if len(known) == 2 and max(known) is Level.SAME and min(known) is Level.CLOSE:
        return Level.CLOSE
    return Level.SIMILAR if max(known) is Level.SAME else Level.DIFFERENT


def _code_level(one: str, other: str) -> Level:
    if one == other:
        return Level.SAME
    return Level.CLOSE if OSA.distance(*sorted((one, other))) <= 1 else Level.DIFFERENT


def _where(mine: Sequence[Place], yours: Sequence[Place]) -> dict[Field, Level]:
    """The two addresses that agree most, of all that the two have."""
    pairs = [
        (_level(street_level, one.street, other.street), area_level(one, other))
        for one in mine
        for other in yours
    ]
    # Known to differ says more than nothing, unless another address agrees.
    street, area = max(pairs, key=sum, default=(Level.UNKNOWN, Level.UNKNOWN))
    return {Field.STREET: street, Field.AREA: area}


def _level(compare: Callable[[str, str], Level], one: str, other: str) -> Level:
    return compare(one, other) if one and other else Level.UNKNOWN


def _best(compare: Callable[[str, str], Level], mine: Sequence[str], yours: Sequence[str]) -> Level:
    return max((compare(a, b) for a in mine for b in yours), default=Level.UNKNOWN)


@lru_cache(maxsize=16_384)
def _likeness(one: str, other: str) -> float:
    return JaroWinkler.similarity(one, other)


def _is_short_for(one: str, other: str) -> bool:
    """Whether one is the beginning of the other: an initial, or Alex and Alexander."""
    return other.startswith(one) or one.startswith(other)


def _differ_in_digits(one: str, other: str) -> bool:
    """Whether what differs is a number: anna1 and anna2 are two people, or were given to two."""
    return "".join(filter(str.isdigit, one)) != "".join(filter(str.isdigit, other))
