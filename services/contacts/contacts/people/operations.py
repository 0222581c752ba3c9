"""What users, apps and facts do to people; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Forbidden
from contacts.contact_points.domain import (
    MOST_EXTERNAL_IDS,
    MOST_TAGS,
    ExternalId,
    require_room,
)
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.validation import validate_values
from contacts.custom_fields.values import merged
from contacts.duplicates.looking import look_on_entry
from contacts.people.domain import Person, PersonDetails
from contacts.people.finding import MOST_CANDIDATES, find_candidates
from contacts.people.matching import Candidate
from contacts.people.normalisation import Normalised, normalised
from contacts.people.point_status import with_known_statuses
from contacts.people.storage import EXTERNAL_IDS_UNIQUE
from contacts.quality.normalise import Defaults
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Entered:
    """A person who was entered: new or known before, and who else may be the same one.

    `version` is the person's right after this entry.
    """

    person: Person
    duplicates: Sequence[Candidate]
    created: bool
    version: int


def create_person(
    tx: ContactsTx,
    details: PersonDetails,
    *,
    refuse_duplicates: bool = False,
    tell_likely: bool = False,
) -> Entered:
    """Enter a person; whoever cannot see others' people owns the new one.

    With `tell_likely` those are among the duplicates who only may be the same. Raises `Invalid` for
    values that cannot be right, `Conflict` when an external id is taken, or somebody matches exactly and
    `refuse_duplicates` is set.
    """
    entry = prepared(tx, details)
    if tell_likely:
        found = look_on_entry(tx, entry.details, most=MOST_CANDIDATES)
        exact, told = found.exact, found.told
    else:
        exact = told = find_candidates(tx, entry.details)
    entered = admit(tx, entry, exact, refuse_duplicates=refuse_duplicates)
    tx.people.add(entered.person)
    return replace(entered, duplicates=told)


def upsert_person(
    tx: ContactsTx, key: ExternalId, changes: Mapping[str, Any], *, tell_likely: bool = False
) -> Entered:
    """Change what `changes` mentions of the person with this external id, or enter a new one.

    However many do this at once, there is one person in the end. Raises as its two halves do,
    `Conflict` when the external id is that of somebody out of reach, and `PreconditionFailed`.
    """
    owners = tx.people.ids_of([key, *_external_ids(changes)])
    person_id = owners.get(key)
    for taken in (other for other, owner in owners.items() if owner != person_id):
        raise external_id_taken(taken)
    if person_id is None:
        tx.require_version(None)
        tx.try_again_on(EXTERNAL_IDS_UNIQUE)
        details = with_external_ids(PersonDetails(**changes), (key,))
        return create_person(tx, details, tell_likely=tell_likely)
    people = tx.people.get_many([person_id])
    if not people:
        raise external_id_taken(key)
    tx.require_version(people[0])
    update_known(tx, people[0], {**changes, "external_ids": (*_external_ids(changes), key)})
    return Entered(people[0], (), created=False, version=people[0].version)


def change_person(
    tx: ContactsTx, person_id: UUID, change: Callable[[PersonDetails], PersonDetails]
) -> Person:
    """Change a person's details. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    person = tx.people.get(person_id)
    apply_change(tx, person, change(person.details))
    return person


def prepared(tx: ContactsTx, details: PersonDetails) -> Normalised:
    """What somebody enters about a new person: owned, in normal form, rated. Raises `Invalid`."""
    custom = validate_values(tx, RecordKind.PERSON, details.custom_fields)
    details = replace(_owned(tx, details), custom_fields=custom)
    return normalised(details, Defaults(), tx.clock.now().date())


def admit(
    tx: ContactsTx,
    entry: Normalised,
    candidates: Sequence[Candidate],
    *,
    refuse_duplicates: bool,
) -> Entered:
    """Make a prepared entry a person, still to be stored. Raises as `create_person` does."""
    if candidates and refuse_duplicates:
        named = ", ".join(str(c.person_id) for c in candidates)
        raise Conflict(f"These people match already: {named}.", code="duplicate")
    person = Person.create(tx.ids.new(), entry.details, entry.quality, tx.clock.now())
    return Entered(person, candidates, created=True, version=person.version)


def apply_change(
    tx: ContactsTx, person: Person, details: PersonDetails, *, import_id: UUID | None = None
) -> None:
    """Give a person other details. Raises `Invalid`, `Conflict` for an archived one."""
    now, held = tx.clock.now(), person.details.custom_fields
    if details.custom_fields != held:
        custom = validate_values(tx, RecordKind.PERSON, details.custom_fields, before=held)
        details = replace(details, custom_fields=custom)
    entry = normalised(details, Defaults(), now.date())
    kept = with_known_statuses(entry.details, person.details)
    if entry.details.owner_id != person.details.owner_id:
        _require_reach(tx, entry.details)
    person.change(kept, entry.quality, now, import_id)


def update_known(tx: ContactsTx, person: Person, changes: Mapping[str, Any]) -> None:
    """Change somebody who was known again; external ids are added to those there are.

    An app that sends its own external id need not know those of other apps to keep them. Raises
    `Invalid`, also for more of them than there may be, and `Conflict` for an archived person.
    """
    kept = person.details.external_ids
    changed = with_changes(person.details, {**changes, "external_ids": kept})
    details = with_external_ids(changed, _external_ids(changes))
    require_room("/external_ids", kept, details.external_ids, MOST_EXTERNAL_IDS)
    apply_change(tx, person, details)


def with_changes(details: PersonDetails, changes: Mapping[str, Any]) -> PersonDetails:
    """The details with what `changes` mentions; of custom fields, those that it mentions."""
    custom = changes.get("custom_fields")
    if custom is not None:
        changes = {**changes, "custom_fields": merged(details.custom_fields, custom)}
    return replace(details, **changes)


def with_external_ids(details: PersonDetails, more: Iterable[ExternalId]) -> PersonDetails:
    """The details with these external ids among the others."""
    return replace(details, external_ids=tuple(dict.fromkeys((*details.external_ids, *more))))


def _external_ids(changes: Mapping[str, Any]) -> tuple[ExternalId, ...]:
    stated: tuple[ExternalId, ...] = changes.get("external_ids", ())
    return stated


def external_id_taken(key: ExternalId) -> Conflict:
    """The refusal of an external id that is another person's."""
    return Conflict(
        f"Another person has the external id {key.id} of {key.system}.", code="external_id_taken"
    )


def retag(
    details: PersonDetails,
    added: Iterable[str],
    removed: Collection[str],
    fields: Mapping[str, Any],
) -> PersonDetails:
    """The details with tags added and taken away, and with `fields` as they are stated.

    Raises `Invalid` for more tags than there may be.
    """
    tags = dict.fromkeys(tag for tag in (*details.tags, *added) if tag not in removed)
    require_room("/add_tags", details.tags, tags, MOST_TAGS)
    return replace(details, tags=tuple(tags), **fields)


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
