"""What users, apps and facts do to people; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.domain import Conflict, Forbidden
from contacts.people.domain import Person, PersonDetails
from contacts.people.matching import Candidate
from contacts.people.normalisation import normalised
from contacts.people.queries import find_candidates
from contacts.quality.normalise import Defaults
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Created:
    """A new person, and who else may be the same one."""

    person: Person
    duplicates: tuple[Candidate, ...]


def create_person(
    tx: ContactsTx, details: PersonDetails, *, refuse_duplicates: bool = False
) -> Created:
    """Enter a person; whoever cannot see others' people owns the new one.

    Raises `Invalid` for values that cannot be right, `Conflict` when an external id is taken, or
    somebody matches and `refuse_duplicates` is set.
    """
    now = tx.clock.now()
    details, quality = normalised(_owned(tx, details), Defaults(), now.date())
    candidates = tuple(find_candidates(tx, details))
    if candidates and refuse_duplicates:
        named = ", ".join(str(c.person_id) for c in candidates)
        raise Conflict(f"These people match already: {named}.", code="duplicate")
    person = Person.create(tx.ids.new(), details, quality, now)
    tx.people.add(person)
    return Created(person, candidates)


def change_person(
    tx: ContactsTx, person_id: UUID, change: Callable[[PersonDetails], PersonDetails]
) -> Person:
    """Change a person's details. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    person = tx.people.get(person_id)
    now = tx.clock.now()
    details, quality = normalised(change(person.details), Defaults(), now.date())
    if details.owner_id != person.details.owner_id:
        _require_reach(tx, details)
    person.change(details, quality, now)
    return person


def archive_person(tx: ContactsTx, person_id: UUID) -> Person:
    """Put a person away."""
    person = tx.people.get(person_id)
    person.archive(tx.clock.now())
    return person


def restore_person(tx: ContactsTx, person_id: UUID) -> Person:
    """Take an archived person back into use."""
    person = tx.people.get(person_id)
    person.restore(tx.clock.now())
    return person


def _owned(tx: ContactsTx, details: PersonDetails) -> PersonDetails:
    if details.owner_id is None and tx.caller.user_id is not None:
        details = replace(details, owner_id=tx.caller.user_id)
    _require_reach(tx, details)
    return details


def _require_reach(tx: ContactsTx, details: PersonDetails) -> None:
    """Nobody gives a record to somebody whose records they cannot see."""
    if not tx.scope.allows(details.owner_id):
        raise Forbidden("You cannot give a person to this owner.", code="owner_out_of_reach")
