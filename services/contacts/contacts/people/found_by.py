"""What a person is found by as somebody types (CO-6)."""

from __future__ import annotations

from typing import NamedTuple

from contacts.people.domain import Person, PersonDetails
from contacts.search.storage import NOT_FOUND
from contacts.search.terms import IndexEntry, index_terms


class PersonState(NamedTuple):
    """What decides what a person is found by."""

    details: PersonDetails
    archived: bool

    @classmethod
    def of(cls, person: Person) -> PersonState:
        """How a person is now."""
        return cls(person.details, person.archived_at is not None)


def entry_of(state: PersonState) -> IndexEntry:
    """What a person is found by."""
    details = state.details
    if state.archived:
        return NOT_FOUND
    return index_terms(
        (details.full_name, details.given_name, details.family_name),
        (point.address for point in details.emails),
        (point.number for point in details.phones),
    )
