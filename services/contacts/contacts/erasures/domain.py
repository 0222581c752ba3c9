"""What is left of somebody who was erased: that it happened, and no word about the person (CO-12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Invalid
from contacts.people.domain import PersonDetails


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who was erased, with whom, when, by whom and why; ids, and a reason that names nobody."""

    id: UUID
    person_id: UUID
    merged_person_ids: tuple[UUID, ...]
    reason: str
    erased_at: datetime
    erased_by: str


def words_of(people: Iterable[PersonDetails]) -> frozenset[str]:
    """What names these people: names, addresses and numbers; what has one letter names nobody."""
    words: set[str] = set()
    for details in people:
        words |= {details.full_name, details.given_name, details.family_name}
        words |= {point.address for point in details.emails}
        words |= {point.number for point in details.phones}
        words |= {handle.handle for handle in details.handles}
    return frozenset(word.casefold() for word in words if len(word) > 1)


def require_nameless(reason: str, people: Iterable[PersonDetails]) -> None:
    """Raise `Invalid` for no reason, and for one that would keep what is to be forgotten."""
    if not reason:
        raise Invalid.at("/reason", "reason_missing", "It is needed, and kept: say why.")
    text = reason.casefold()
    if any(word in text for word in words_of(people)):
        message = "The reason is kept, so it cannot name the person; say why, not who."
        raise Invalid.at("/reason", "reason_names_person", message)
