"""What of a person is compared with others, in the form in which it is compared."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.contact_points.domain import Address
from contacts.contact_points.keys import email_key
from contacts.people.domain import PersonDetails
from contacts.search.folding import fold, words_of

MOST_COMPARED = 10
"""Of each kind of contact point the first so many count: nobody is told by the eleventh."""


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address, folded."""

    street: str = ""
    city: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared; all texts are folded, and empty where nothing is known.

    A name in Chinese, Japanese or Korean is `characters` and nothing else, since its parts are seldom
    told apart alike; any other name is `given_name` and `family_name`. `birth_date` has eight digits.
    """

    given_name: str = ""
    family_name: str = ""
    characters: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    birth_date: str = ""
    places: tuple[Place, ...] = ()
    external_ids: frozenset[tuple[str, str]] = frozenset()


def traits_of(details: PersonDetails) -> Traits:
    """What of somebody's details is compared."""
    given, family, characters = _name(details)
    birthday = next((d.date for d in details.important_dates if d.kind == "birthday"), "")
    return Traits(
        given_name=given,
        family_name=family,
        characters=characters,
        emails=tuple(email_key(point.address) for point in details.emails[:MOST_COMPARED]),
        phones=tuple(point.number for point in details.phones[:MOST_COMPARED]),
        birth_date=birthday.replace("-", ""),
        places=tuple(filter(_is_known, map(_place, details.postal_addresses[:MOST_COMPARED]))),
        external_ids=frozenset((e.system, e.id) for e in details.external_ids),
    )


def _name(details: PersonDetails) -> tuple[str, str, str]:
    """Given name, family name, characters."""
    full = fold(details.full_name)
    words = words_of(full)
    if words and words[0].is_cjk:
        return "", "", "".join(word.text for word in words)
    given, family = fold(details.given_name), fold(details.family_name)
    if not given and not family and words:
        given, family = " ".join(w.text for w in words[:-1]), words[-1].text
    return given, family, ""


def _place(address: Address) -> Place:
    return Place(
        street=fold(" ".join(address.lines)),
        city=fold(f"{address.city} {address.region}" if not address.city else address.city),
        postal_code=fold(address.postal_code).replace(" ", ""),
    )


def _is_known(place: Place) -> bool:
    return place != Place()
