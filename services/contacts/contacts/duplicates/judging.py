"""What is found out about two people, and whether they may be made one without asking anybody."""

from __future__ import annotations

from typing import Final

from contacts.duplicates.domain import Finding
from contacts.likeness.comparing import Field, Level
from contacts.likeness.scoring import Likeness, likeness
from contacts.likeness.traits import Traits

_NAMES: Final = (Field.GIVEN_NAME, Field.FAMILY_NAME, Field.CHARACTERS)
_IDENTIFYING: Final = (Field.EMAIL, Field.PHONE, Field.BIRTH_DATE)


def finding_of(one: Traits, other: Traits) -> Finding:
    """What comparing two people has found."""
    alike = likeness(one, other)
    return Finding(
        probability=alike.probability,
        bits=round(alike.bits, 3),
        evidence=tuple(
            (e.field.value, e.level.name.lower(), round(e.bits, 3)) for e in alike.evidence
        ),
        swapped=alike.swapped,
        automatic=may_be_automatic(one, other, alike),
    )


def may_be_automatic(one: Traits, other: Traits, alike: Likeness) -> bool:
    """Whether nothing speaks against making two people one, however likely that is.

    Twins and couples share all but a name, so the whole name has to be the same, in either order; fathers
    and sons share name and address, so an e-mail address, a number or the birth date has to be the same as
    well. A birth date that is known to be another, or another external id of the same system, forbids it.
    """
    names = [level for field in _NAMES if (level := alike.level(field)) is not Level.UNKNOWN]
    is_named = bool(names) and min(names) is Level.SAME and _is_whole(one) and _is_whole(other)
    is_identified = any(alike.level(field) is Level.SAME for field in _IDENTIFYING)
    contradicts = alike.level(Field.BIRTH_DATE) not in (
        Level.UNKNOWN,
        Level.SAME,
    ) or _contradicting_ids(one, other)
    return is_named and is_identified and not contradicts


def _is_whole(traits: Traits) -> bool:
    return bool(traits.characters or (traits.given_name and traits.family_name))


def _contradicting_ids(one: Traits, other: Traits) -> bool:
    """Whether a system calls the two by different ids, and by none that both have."""
    shared = {system for system, _ in one.external_ids & other.external_ids}
    systems = {system for system, _ in one.external_ids} & {s for s, _ in other.external_ids}
    return bool(systems - shared)
