"""Enters many people in one transaction: few statements, however many they are (CO-15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

from chassis.domain import DomainError, Invalid, NotFound
from contacts.contact_points.domain import ExternalId
from contacts.people.domain import Person, PersonDetails
from contacts.people.finding import find_candidates_of
from contacts.people.matching import DUPLICATE_KINDS, Candidate, keys_of
from contacts.people.normalisation import Normalised
from contacts.people.operations import Entered, admit, external_id_taken, prepared, update_known
from contacts.people.storage import EXTERNAL_IDS_UNIQUE
from contacts.transaction import ContactsTx

Entry: TypeAlias = Mapping[str, Any] | DomainError
"""Fields of `PersonDetails` as far as they are mentioned, or why they cannot be had."""


@dataclass(frozen=True, slots=True)
class BulkPolicy:
    """What to do with those who are known already.

    `upsert_by` names the system by whose external id people are known again and changed; without
    one, everybody is new.
    """

    upsert_by: str = ""
    refuse_duplicates: bool = False


def enter_people(
    tx: ContactsTx, entries: Sequence[Entry], policy: BulkPolicy
) -> list[Entered | DomainError]:
    """Enter people, each by itself: what refuses one leaves the others alone.

    Nothing is sent before all rules have been asked, so there is nothing to undo; somebody else
    who takes an external id at the same moment has the whole work done again.
    """
    tx.try_again_on(EXTERNAL_IDS_UNIQUE)
    bulk = _Bulk(tx, entries, policy)
    results = bulk.results()
    bulk.store()
    return results


def change_people(
    tx: ContactsTx, wanted: Sequence[UUID | DomainError], change: Callable[[Person], None]
) -> list[Person | DomainError]:
    """Do the same to many people, each by itself: what one refuses leaves the others alone."""
    ids = [one for one in wanted if isinstance(one, UUID)]
    known = {person.id: person for person in tx.people.get_many(ids)}
    return [_changed(known, one, change) for one in wanted]


def _changed(
    known: Mapping[UUID, Person], wanted: UUID | DomainError, change: Callable[[Person], None]
) -> Person | DomainError:
    if isinstance(wanted, DomainError):
        return wanted
    person = known.get(wanted)
    if person is None:
        return NotFound.of("person", wanted)
    try:
        change(person)
    except DomainError as error:
        return error
    return person


class _Bulk:
    """One bulk entry, with all that is known beforehand: who is known, who might be the same."""

    def __init__(self, tx: ContactsTx, entries: Sequence[Entry], policy: BulkPolicy) -> None:
        self._tx, self._policy = tx, policy
        self._entries = entries
        stated = [e for e in entries if not isinstance(e, DomainError)]
        self._owners = tx.people.ids_of(dict.fromkeys(key for e in stated for key in _keys(e)))
        known = [self._owners[k] for e in stated if (k := self._key(e)) in self._owners]
        self._known: dict[UUID, Person] = {p.id: p for p in tx.people.get_many(known)}
        self._prepared = [self._prepare(entry) for entry in entries]
        self._candidates = self._found()
        self._here: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
        self._new: dict[UUID, Person] = {}

    def results(self) -> list[Entered | DomainError]:
        """What became of the entries, in their order."""
        return [self._result(place) for place in range(len(self._entries))]

    def store(self) -> None:
        """Have the new ones stored, in one order for all, so that two bulks never block each other."""
        for person in sorted(self._new.values(), key=_first_external_id):
            self._tx.people.add(person)

    def _result(self, place: int) -> Entered | DomainError:
        entry = self._entries[place]
        if isinstance(entry, DomainError):
            return entry
        try:
            key = self._key(entry)
            if self._policy.upsert_by and key is None:
                raise _key_missing(self._policy.upsert_by)
            if key in self._owners:
                return self._change(self._owners[key], key, entry)
            return self._create(place)
        except DomainError as error:
            return error

    def _key(self, entry: Mapping[str, Any]) -> ExternalId | None:
        """What an entry is known again by."""
        system = self._policy.upsert_by
        return next((key for key in _keys(entry) if key.system == system), None)

    def _prepare(self, entry: Entry) -> Normalised | DomainError | None:
        """An entry as that of somebody new; None for one that is somebody's who is known."""
        if isinstance(entry, DomainError):
            return entry
        if self._key(entry) in self._owners:
            return None
        try:
            return prepared(self._tx, PersonDetails(**entry))
        except DomainError as error:
            return error

    def _found(self) -> dict[int, Sequence[Candidate]]:
        """Who might be the same as those who may be new, by one question for all."""
        new = {p: e.details for p, e in enumerate(self._prepared) if isinstance(e, Normalised)}
        return dict(zip(new, find_candidates_of(self._tx, list(new.values())), strict=True))

    def _create(self, place: int) -> Entered:
        entry = self._prepared[place]
        if not isinstance(entry, Normalised):
            raise entry or RuntimeError("somebody who is known is not entered anew")
        self._require_free(entry.details.external_ids, None)
        keys = [key for key in keys_of(entry.details) if key[0] in DUPLICATE_KINDS]
        candidates = [*self._candidates[place], *self._matches_here(keys)]
        entered = admit(
            self._tx, entry, candidates, refuse_duplicates=self._policy.refuse_duplicates
        )
        person = entered.person
        self._known[person.id] = self._new[person.id] = person
        self._owners.update(dict.fromkeys(person.details.external_ids, person.id))
        for kind, key in keys:
            one = Candidate(person.id, person.details.full_name, (kind,))
            self._here[kind, key].append(one)
        return entered

    def _matches_here(self, keys: list[tuple[str, str]]) -> list[Candidate]:
        """Those among the earlier entries who share one of these keys."""
        found: dict[UUID, Candidate] = {}
        for key in keys:
            for one in self._here[key][:10]:
                before = found.get(one.person_id)
                reasons = one.matched_on if before is None else (*before.matched_on, key[0])
                found[one.person_id] = replace(one, matched_on=tuple(dict.fromkeys(reasons)))
        return list(found.values())

    def _change(self, person_id: UUID, key: ExternalId | None, entry: Mapping[str, Any]) -> Entered:
        person = self._known.get(person_id)
        if person is None or key is None:  # it is somebody's who is out of reach
            raise external_id_taken(key or ExternalId(self._policy.upsert_by, ""))
        self._require_free(_keys(entry), person_id)
        update_known(self._tx, person, entry)
        self._owners.update(dict.fromkeys(person.details.external_ids, person_id))
        return Entered(person, (), created=False, version=person.version)

    def _require_free(self, keys: Sequence[ExternalId], person_id: UUID | None) -> None:
        for key in keys:
            if self._owners.get(key, person_id) != person_id:
                raise external_id_taken(key)


def _keys(entry: Mapping[str, Any]) -> tuple[ExternalId, ...]:
    keys: tuple[ExternalId, ...] = entry.get("external_ids", ())
    return keys


def _first_external_id(person: Person) -> tuple[str, str]:
    return min(((e.system, e.id) for e in person.details.external_ids), default=("", ""))


def _key_missing(system: str) -> Invalid:
    message = f"An external id of {system} is needed to know the record again."
    return Invalid.at("/external_ids", "key_missing", message)
