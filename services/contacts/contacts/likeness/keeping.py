"""Keeps by which keys people are compared, and who is to be compared, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from contacts.likeness.blocking import keys_of
from contacts.likeness.traits import Traits, traits_of
from contacts.people.domain import Person, PersonDetails


class _State(NamedTuple):
    """How somebody is compared, and by which keys; the details that it was made of, and if archived."""

    details: PersonDetails
    archived: bool
    traits: Traits | None
    keys: frozenset[int]


class MatchKeys:
    """The keys of people in a unit of work; who is archived has none."""

    def __init__(self, tx: UnitOfWork) -> None:
        self._tx = tx
        self._kept: dict[UUID, _State] = {}
        self._now: dict[UUID, _State] = {}

    def loaded(self, person: Person, keys: Collection[int]) -> None:
        """Note how somebody is compared before a change, perhaps."""
        now = self._state(person)
        self._kept[person.id] = now._replace(keys=frozenset(keys))

    def of(self, person: Person) -> list[int]:
        """The keys of somebody as they are now, for their row."""
        return sorted(self._state(person).keys)

    def add(self, people: Sequence[Person]) -> None:
        """Have new people found and compared, by one statement."""
        self._kept.update((person.id, self._state(person)) for person in people)
        self._insert([{"id": person.id, "keys": self.of(person)} for person in people])

    def change(self, person: Person) -> None:
        """Have somebody found by what they are now, and compared anew if that is anything else."""
        before, now = self._kept[person.id], self._state(person)
        self._kept[person.id] = now
        if (before.traits, before.keys) == (now.traits, now.keys):
            return
        self.forget(person.id, before.keys - now.keys)
        self._insert([{"id": person.id, "keys": sorted(now.keys - before.keys)}])

    def remove(self, person_id: UUID) -> None:
        """Have somebody found no more who is gone."""
        self.forget(person_id, self._kept.pop(person_id).keys)

    def forget(self, person_id: UUID, keys: Collection[int]) -> None:
        """Have somebody found no more by these keys."""
        if keys:
            about = {"tenant_id": self._tx.tenant_id, "person_id": person_id, "keys": sorted(keys)}
            self._tx.write(_FORGET, about)

    def put_right(self, person: Person) -> None:
        """Have the keys be those of this version, whatever an older one, or none, has kept."""
        had, now = self._kept[person.id].keys, self._state(person)
        if had == now.keys:
            return
        self._kept[person.id] = now
        self.forget(person.id, had - now.keys)
        keys = sorted(now.keys)
        about = {"tenant_id": self._tx.tenant_id, "person_id": person.id}
        self._tx.write(_PUT_RIGHT, {**about, "keys": keys})
        rows = json_text([{"id": person.id, "keys": keys}])
        self._tx.write(_KEEP, {"tenant_id": self._tx.tenant_id, "rows": rows})

    def _state(self, person: Person) -> _State:
        """How somebody is now; worked out once for the same details."""
        known, archived = self._now.get(person.id), person.archived_at is not None
        if known is None or known.details is not person.details or known.archived != archived:
            traits = None if archived else traits_of(person.details)
            keys = frozenset(number for _, number in keys_of(traits)) if traits else frozenset()
            self._now[person.id] = known = _State(person.details, archived, traits, keys)
        return known

    def _insert(self, rows: Sequence[dict[str, object]]) -> None:
        about = {"tenant_id": self._tx.tenant_id, "rows": json_text(rows)}
        self._tx.write(_ADD, about)


def compare_again(tx: UnitOfWork, person_ids: Collection[UUID]) -> None:
    """Have people compared anew soon, though nothing of them has changed."""
    rows = json_text([{"id": person_id, "keys": []} for person_id in person_ids])
    tx.write(_ADD, {"tenant_id": tx.tenant_id, "rows": rows})


_GIVEN = "json_to_recordset(%(rows)s::json) AS given (id uuid, keys bigint[])"
# In the order of the key, so that neighbours go to the same page of the index. The text is our own.
_KEEP_SQL = (
    "INSERT INTO person_match_keys (tenant_id, key, person_id)"  # noqa: S608
    f" SELECT %(tenant_id)s, key, given.id FROM {_GIVEN}, unnest(given.keys) AS key ORDER BY key"
    " ON CONFLICT DO NOTHING"
)
_KEEP = Statement(_KEEP_SQL)
_ADD = Statement(
    f"WITH kept AS ({_KEEP_SQL}) INSERT INTO people_to_compare (tenant_id, person_id)"  # noqa: S608
    f" SELECT %(tenant_id)s, given.id FROM {_GIVEN}"
)
_FORGET = Statement(
    "DELETE FROM person_match_keys WHERE tenant_id = %(tenant_id)s AND key = ANY(%(keys)s::bigint[])"
    " AND person_id = %(person_id)s"
)
_PUT_RIGHT = Statement(
    "UPDATE people SET match_keys = %(keys)s::bigint[]"
    " WHERE tenant_id = %(tenant_id)s AND id = %(person_id)s"
)
