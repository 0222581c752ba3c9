"""Puts the index of a tenant in order: all of it anew, and without words that no name has any more.

Both go step by step, one transaction each, while people go on working: a step locks the records
that it is about, and what is written meanwhile is seen by a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.companies.found_by import CompanyState
from contacts.custom_fields.domain import RecordKind
from contacts.people.found_by import PersonState
from contacts.search.storage import INDEXED
from contacts.transaction import ContactsTx

FIRST: Final = UUID(int=0)
LAST: Final = UUID(int=2**128 - 1)
_RECORDS: Final = 500
_WORDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """How far a rebuilding has come: the records so far, and the id to go on after (None: done)."""

    records: int
    after: UUID | None


def rebuild_index(tx: ContactsTx, kind: RecordKind, after: UUID = FIRST) -> Step:
    """Index the next records after an id anew, and forget those between that are not there."""
    about = {"tenant_id": tx.tenant_id, "after": after, "records": _RECORDS}
    ids = [row["id"] for row in tx.fetch_all(_NEXT[kind], about)]
    until = ids[-1] if len(ids) == _RECORDS else LAST
    if kind is RecordKind.PERSON:
        index = tx.people.search_index
        index.replace({person.id: PersonState.of(person) for person in tx.people.get_many(ids)})
        index.forget_absent(after, until)
    else:
        of_companies = tx.companies.search_index
        of_companies.replace({c.id: CompanyState.of(c) for c in tx.companies.get_many(ids)})
        of_companies.forget_absent(after, until)
    return Step(len(ids), None if until == LAST else until)


def prune_words(tx: ContactsTx, before: datetime, after: str = "") -> str | None:
    """Look through the next words of the dictionary after one; gives where to go on, None at the end.

    A word that begins no term is marked; if it was marked `before` a time, it is deleted.
    """
    about = {"tenant_id": tx.tenant_id, "after": after, "words": _WORDS, "before": before}
    rows = tx.fetch_all(_USES, about)
    tx.dictionary.keep([row["word"] for row in rows if row["used"] and row["marked"]])
    tx.dictionary.mark([row["word"] for row in rows if not row["used"] and not row["marked"]])
    tx.dictionary.remove(
        [row["word"] for row in rows if not row["used"] and row["long_marked"]], before
    )
    return rows[-1]["word"] if len(rows) == _WORDS else None


_NEXT = {
    kind: Statement(
        f"SELECT id FROM {indexed.records} WHERE tenant_id = %(tenant_id)s AND id > %(after)s"  # noqa: S608 - our own name
        " ORDER BY tenant_id, id LIMIT %(records)s"
    )
    for kind, indexed in INDEXED.items()
}
_BEGINS_A_TERM = " OR ".join(
    f"(SELECT 1 FROM {indexed.terms} WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - our own name
    # A blank or nothing follows the word; the exclamation mark is the first that comes after it.
    " AND term >= 'n' || w.word AND term < 'n' || w.word || '!'"
    " ORDER BY tenant_id, term LIMIT 1) IS NOT NULL"
    for indexed in INDEXED.values()
)
_USES = Statement(
    f"SELECT w.*, ({_BEGINS_A_TERM}) AS used FROM ("  # noqa: S608
    "SELECT word, bool_or(unused_since IS NOT NULL) AS marked,"
    " bool_and(coalesce(unused_since < %(before)s, false)) AS long_marked"
    " FROM search_words WHERE tenant_id = %(tenant_id)s AND word > %(after)s"
    " GROUP BY tenant_id, word ORDER BY tenant_id, word LIMIT %(words)s"
    ") AS w ORDER BY w.word"
)
