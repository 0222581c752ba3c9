"""How the search index is kept: the terms of people and of companies, and the words of both."""

# ruff: noqa: S608 - the names of tables are our own, and values are parameters throughout

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from contacts.custom_fields.domain import RecordKind
from contacts.search.dictionary import Dictionary
from contacts.search.terms import IndexEntry

S = TypeVar("S")
"""All that decides what a record is found by: its details, and whether it is archived."""
NOT_FOUND = IndexEntry((), frozenset())
"""What an archived record is found by."""


@dataclass(frozen=True, slots=True)
class IndexedKind:
    """Where one kind of record and what it is found by are kept."""

    records: str
    terms: str
    keys: str
    key_owner: str


INDEXED = {
    RecordKind.PERSON: IndexedKind("people", "person_search_terms", "person_keys", "person_id"),
    RecordKind.COMPANY: IndexedKind(
        "companies", "company_search_terms", "company_keys", "company_id"
    ),
}


class SearchIndex(Generic[S]):
    """Keeps what one kind of record is found by, in a unit of work."""

    def __init__(
        self,
        tx: UnitOfWork,
        kind: RecordKind,
        dictionary: Dictionary,
        entry_of: Callable[[S], IndexEntry],
    ) -> None:
        self._tx = tx
        self._dictionary = dictionary
        self._entry_of = entry_of
        self._writes = _WRITES[kind]
        self._before: dict[UUID, S] = {}

    def loaded(self, record_id: UUID, state: S) -> None:
        """Note the state of a record that is going to be changed, perhaps."""
        self._before[record_id] = state

    def add(self, records: Mapping[UUID, S]) -> None:
        """Have new records found, by one statement."""
        self._before.update(records)
        self._insert(self._writes.add, {key: self._entry_of(s) for key, s in records.items()})

    def change(self, record_id: UUID, state: S) -> None:
        """Have a changed record found by what it is now and by nothing else."""
        before = self._before[record_id]
        if before == state:
            return
        self._before[record_id] = state
        was, now = self._entry_of(before), self._entry_of(state)
        gone = sorted(set(was.terms).difference(now.terms))
        if gone:
            about = {"tenant_id": self._tx.tenant_id, "record_id": record_id, "terms": gone}
            self._tx.write(self._writes.drop, about)
        more = tuple(term for term in now.terms if term not in was.terms)
        if more:
            self._insert(self._writes.complete, {record_id: IndexEntry(more, now.words)})

    def replace(self, records: Mapping[UUID, S]) -> None:
        """Have records found by what they are, whatever the index says of them."""
        about = {"tenant_id": self._tx.tenant_id, "ids": list(records)}
        self._tx.write(self._writes.forget, about)
        entries = {key: self._entry_of(state) for key, state in records.items()}
        self._insert(self._writes.complete, entries)

    def forget_absent(self, after: UUID, until: UUID) -> None:
        """Forget what is not in use any longer, of the records after one id and up to another."""
        about = {"tenant_id": self._tx.tenant_id, "after": after, "until": until}
        self._tx.write(self._writes.forget_absent, about)

    def _insert(self, statement: Statement, entries: Mapping[UUID, IndexEntry]) -> None:
        self._dictionary.add({word for entry in entries.values() for word in entry.words})
        rows = [{"id": key, "terms": "\n".join(e.terms)} for key, e in entries.items() if e.terms]
        if rows:
            self._tx.write(statement, {"tenant_id": self._tx.tenant_id, "rows": json_text(rows)})


@dataclass(frozen=True, slots=True)
class _Writes:
    add: Statement
    complete: Statement
    drop: Statement
    forget: Statement
    forget_absent: Statement


def _writes(kind: IndexedKind) -> _Writes:
    """What is written for a kind; the names of the tables are our own."""
    # In the order of the key, so that neighbours go to the same page of the index; the terms of a
    # record as one text, for the driver and for JSON the fewer values the better.
    add = (
        f"INSERT INTO {kind.terms} (tenant_id, term, record_id)"
        " SELECT %(tenant_id)s, term, given.id"
        " FROM json_to_recordset(%(rows)s::json) AS given (id uuid, terms text),"
        " string_to_table(given.terms, E'\\n') AS term ORDER BY term COLLATE \"C\""
    )
    of_tenant = f"DELETE FROM {kind.terms} AS t WHERE t.tenant_id = %(tenant_id)s"
    return _Writes(
        add=Statement(add),
        complete=Statement(f"{add} ON CONFLICT DO NOTHING"),
        drop=Statement(f"{of_tenant} AND t.record_id = %(record_id)s AND t.term = ANY(%(terms)s)"),
        forget=Statement(f"{of_tenant} AND t.record_id = ANY(%(ids)s)"),
        forget_absent=Statement(
            f"{of_tenant} AND t.record_id > %(after)s AND t.record_id <= %(until)s"
            f" AND NOT EXISTS (SELECT 1 FROM {kind.records} AS r WHERE r.tenant_id = t.tenant_id"
            " AND r.id = t.record_id AND r.archived_at IS NULL)"
        ),
    )


_WRITES = {kind: _writes(indexed) for kind, indexed in INDEXED.items()}
