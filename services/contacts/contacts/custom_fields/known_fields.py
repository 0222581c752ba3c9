"""The tenant's fields as every write of a record needs them: read rarely, never outdated.

Definitions change a few times a year and are needed thousands of times an hour, by tenants most
of whom have none. So a process keeps what it has read, under the revision that every change
raises in the same transaction:

- a write that mentions a custom field, or whose tenant has any, reads the revision: one row by its
  primary key. What is kept is used only if it is of this revision;
- a write that mentions none, of a tenant that had none within the last second, reads nothing.
  Another process may miss a tenant's very first required field for that second, and no longer;
- the process that changes definitions reads the revision in every write for a while, since it
  cannot know when the change is committed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.custom_fields.documents import definition_of
from contacts.custom_fields.domain import Definition, RecordKind

FRESH_SECONDS = 1.0
UNSETTLED_SECONDS = 120.0
"""Longer than any transaction may last that changes definitions."""
_MOST_TENANTS = 20_000

_REVISION = Statement("SELECT revision FROM custom_field_revisions WHERE tenant_id = %(tenant_id)s")
_ALL = Statement(
    "SELECT * FROM custom_fields WHERE tenant_id = %(tenant_id)s ORDER BY position, id"
)
_SOME = Statement(
    "SELECT * FROM custom_fields"
    " WHERE tenant_id = %(tenant_id)s AND object = %(object)s AND key = ANY(%(keys)s)"
)


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field, as far as values are concerned."""

    id: UUID
    definition: Definition
    archived: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> KnownField:
        """From a row of `custom_fields`."""
        return cls(row["id"], definition_of(row), row["archived_at"] is not None)


Fields = Mapping[str, KnownField]
"""The fields of one kind of record by their keys, the archived ones too."""

NO_FIELDS: Fields = {}


@dataclass(slots=True)
class Snapshot:
    """All fields of a tenant at one revision; `checked_at` is when it was last known to be right."""

    revision: int
    fields: dict[RecordKind, dict[str, KnownField]] = field(default_factory=dict)
    checked_at: float = 0.0


class KnownFieldsCache:
    """What a process has read, by tenant; `monotonic` is in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._snapshots: dict[UUID, Snapshot] = {}
        self._unsettled: dict[UUID, float] = {}
        self._lock = threading.Lock()

    def has_none(self, tenant_id: UUID) -> bool:
        """Whether the tenant had no fields a moment ago, and nobody changes that here."""
        known = self._snapshots.get(tenant_id)
        if known is None or known.fields:
            return False
        now = self._monotonic()
        if now - self._unsettled.get(tenant_id, float("-inf")) < UNSETTLED_SECONDS:
            return False
        return now - known.checked_at < FRESH_SECONDS

    def at(self, tenant_id: UUID, revision: int) -> Snapshot | None:
        """What is known of this revision."""
        known = self._snapshots.get(tenant_id)
        if known is None or known.revision != revision:
            return None
        known.checked_at = self._monotonic()
        return known

    def keep(self, tenant_id: UUID, snapshot: Snapshot) -> None:
        """Keep what was read."""
        snapshot.checked_at = self._monotonic()
        with self._lock:
            if len(self._snapshots) >= _MOST_TENANTS:
                self._snapshots.clear()
            self._snapshots[tenant_id] = snapshot

    def unsettle(self, tenant_id: UUID) -> None:
        """Say that the tenant's fields are being changed."""
        with self._lock:
            if len(self._unsettled) >= _MOST_TENANTS:
                self._snapshots.clear()
                self._unsettled.clear()
            self._unsettled[tenant_id] = self._monotonic()


class KnownFields:
    """The tenant's fields, as one unit of work sees them."""

    def __init__(self, tx: UnitOfWork, cache: KnownFieldsCache) -> None:
        self._tx = tx
        self._cache = cache
        self._snapshot: Snapshot | None = None

    def of(self, kind: RecordKind, *, mentioned: bool) -> Fields:
        """The fields of this kind of record; `mentioned` says whether the write speaks of any."""
        if self._snapshot is None:
            if not mentioned and self._cache.has_none(self._tx.tenant_id):
                return NO_FIELDS
            self._snapshot = self._current()
        return self._snapshot.fields.get(kind, NO_FIELDS)

    def changed(self) -> None:
        """Say that this unit of work has changed the fields."""
        self._snapshot = None
        self._cache.unsettle(self._tx.tenant_id)

    def _current(self) -> Snapshot:
        about = {"tenant_id": self._tx.tenant_id}
        row = self._tx.fetch_one(_REVISION, about)
        # Read before the rows: if they change in between, the next look finds another revision.
        revision = 0 if row is None else row["revision"]
        known = self._cache.at(self._tx.tenant_id, revision)
        if known is not None:
            return known
        snapshot = Snapshot(revision)
        if revision:
            for each in self._tx.fetch_all(_ALL, about):
                found = KnownField.of(each)
                of_kind = snapshot.fields.setdefault(found.definition.object, {})
                of_kind[found.definition.key] = found
        self._cache.keep(self._tx.tenant_id, snapshot)
        return snapshot


def find_fields(reading: Reading, kind: RecordKind, keys: list[str]) -> Fields:
    """Those of the fields that there are, for a query."""
    about = {"tenant_id": reading.caller.tenant_id, "object": kind, "keys": keys}
    found = map(KnownField.of, reading.fetch_all(_SOME, about))
    return {known.definition.key: known for known in found}
