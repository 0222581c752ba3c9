"""Who is compared with whom: people who have one of a few keys in common.

A key is made of what survives most mistakes: the sound of names in either order, a birth date with day and
month in either order and an initial, where somebody lives with a name or the year of birth. What has two
mistakes in one key is found by another one. Keys are numbers of 64 bits, so that an index of them is small.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from hashlib import blake2b

from contacts.likeness.comparing import mailbox
from contacts.likeness.traits import Traits

LARGEST_BLOCK = 50
"""A key that more people share tells nobody apart; who has it is not compared for its sake."""
_LOCAL_PART_FROM = 5
_PHONE_END = 8
_CONSONANTS = str.maketrans(
    dict.fromkeys("aeiouyhw ")
    | dict.fromkeys("ckq", "c")
    | dict.fromkeys("sz", "s")
    | dict.fromkeys("dt", "d")
    | dict.fromkeys("bp", "b")
    | dict.fromkeys("fv", "f")
    | dict.fromkeys("gj", "g")
    | dict.fromkeys("mn", "m")
)


class Key(StrEnum):
    """What a block has in common."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    NAME_AND_AREA = "name_and_area"
    AREA_AND_YEAR = "area_and_year"
    EMAIL = "email"
    PHONE = "phone"


def keys_of(traits: Traits) -> list[tuple[Key, int]]:
    """The blocks that somebody with these traits is in; each number once."""
    found = {_number(kind, text): kind for kind, text in _texts(traits)}
    return [(kind, number) for number, kind in found.items()]


def _texts(traits: Traits) -> Iterator[tuple[Key, str]]:
    sounds = [sound(name) for name in (traits.given_name, traits.family_name) if name]
    if traits.characters:
        yield Key.NAME, traits.characters
        sounds = [traits.characters[:1]]
    elif len(sounds) > 1:
        yield Key.NAME, " ".join(sorted(sounds))
    if traits.birth_date:
        year, month, day = traits.birth_date[:4], traits.birth_date[4:6], traits.birth_date[6:]
        for initial in {each[:1] for each in sounds} or {""}:
            yield Key.BIRTH_DATE, " ".join((initial, year, *sorted((month, day))))
    for area in {place.postal_code or place.city for place in traits.places}:
        if area and traits.birth_date:
            yield Key.AREA_AND_YEAR, f"{area} {traits.birth_date[:4]}"
        for each in sounds if area else ():
            yield Key.NAME_AND_AREA, f"{each} {area}"
    for email in traits.emails:
        local_part, _ = mailbox(email)
        yield Key.EMAIL, local_part if len(local_part) >= _LOCAL_PART_FROM else email
    for phone in traits.phones:
        yield Key.PHONE, phone[-_PHONE_END:]


def sound(name: str) -> str:
    """A name by its first letter and its consonants, alike ones as one: Meyer, Maier and Mayr are one."""
    rest = name[1:].translate(_CONSONANTS)
    kept = [letter for place, letter in enumerate(rest) if rest[place - 1 : place] != letter]
    return name[:1] + "".join(kept)


def _number(kind: Key, text: str) -> int:
    digest = blake2b(text.encode(), digest_size=8, person=kind.encode()).digest()
    return int.from_bytes(digest, "big", signed=True)
