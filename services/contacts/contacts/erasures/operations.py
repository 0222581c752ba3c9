"""Erases people; each function is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contacts.erasures.domain import Erasure, require_nameless
from contacts.erasures.forgetting import forget_people
from contacts.erasures.recognising import keep_traces
from contacts.erasures.storage import keep_erasure
from contacts.merges.survivors import gone_into
from contacts.people.domain import Person
from contacts.quality.names import clean_line
from contacts.transaction import ContactsTx


def erase_again(tx: ContactsTx, erasure: Erasure) -> None:
    """Forget who was erased and is there again, since an older state was brought back.

    Nothing happens, and nobody is told, when they are gone, as they should be.
    """
    for person in tx.people.get_many([erasure.person_id, *erasure.merged_person_ids]):
        _forget(tx, person, gone_into(tx, person.id))
        person.forget_again()
        tx.people.remove(person)
    keep_erasure(tx, erasure)


def erase_person(tx: ContactsTx, person_id: UUID, reason: str) -> Erasure:
    """Forget a person for good, archived or not, with all who were merged into them.

    Raises `NotFound`, also for somebody who was merged into another one, and `Invalid` for no
    reason or one that names the person.
    """
    person = tx.people.get(person_id)
    merged_ids = tuple(gone_into(tx, person_id))
    reason = clean_line(reason)
    require_nameless(reason, [person.details, *tx.merges.details_of_merged(person_id)])
    _forget(tx, person, merged_ids)
    person.erase(merged_ids)
    tx.people.remove(person)
    erasure = Erasure(
        id=tx.ids.new(),
        person_id=person_id,
        merged_person_ids=merged_ids,
        reason=reason,
        erased_at=tx.clock.now(),
        erased_by=tx.caller.actor,
    )
    keep_erasure(tx, erasure)
    return erasure


def _forget(tx: ContactsTx, person: Person, merged_ids: Sequence[UUID]) -> None:
    details = [person.details, *tx.merges.details_of_merged(person.id)]
    keep_traces(tx, person.id, details)
    forget_people(tx, [person.id, *merged_ids], details)
