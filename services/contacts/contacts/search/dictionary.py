"""The words of a tenant's names, for finding out what a misspelt one may stand for: adding, forgetting.

Nothing here is unique in the database and nothing waits: two who add the same new word at once
add it twice, which a search does not notice, while a unique key would make one of them wait for
the other's commit (an import's, perhaps) or, with several words, end one of them as a deadlock.

A process remembers which words there are, so that a common name costs nothing. Words that are not
used any longer are marked first and deleted `MARKED_FOR` later, if they are still unused: by then
no process remembers them, and whoever has added a record in the meantime is seen.
"""

# ruff: noqa: S608 - the condition is our own, and values are parameters throughout

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from contacts.search.spelling import deletions

MARKED_FOR = timedelta(hours=1)
"""Longer than a process remembers words and than any transaction lasts."""
_GENERATION_SECONDS = 600.0
_GENERATION_WORDS = 20_000


class KnownWords:
    """The words that a process knows to be in the dictionaries; for twenty minutes at most."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._began = monotonic()
        self._young: set[tuple[UUID, str]] = set()
        self._old: set[tuple[UUID, str]] = set()

    def unknown(self, tenant_id: UUID, words: Iterable[str]) -> set[str]:
        """Those of the words that may be new."""
        if self._monotonic() - self._began > _GENERATION_SECONDS:
            self._begin_generation()
        young, old = self._young, self._old
        return {w for w in words if (tenant_id, w) not in young and (tenant_id, w) not in old}

    def add(self, tenant_id: UUID, words: Iterable[str]) -> None:
        """Note words that others have committed."""
        if len(self._young) > _GENERATION_WORDS:
            self._begin_generation()
        self._young.update([(tenant_id, word) for word in words])

    def _begin_generation(self) -> None:
        with self._lock:
            self._old, self._young = self._young, set()
            self._began = self._monotonic()


class Dictionary:
    """The dictionary of the tenant of a unit of work."""

    def __init__(self, tx: UnitOfWork, known: KnownWords) -> None:
        self._tx = tx
        self._known = known
        self._uncommitted: set[str] = set()

    def add(self, words: Iterable[str]) -> None:
        """Have the words written that are not there yet."""
        unknown = self._known.unknown(self._tx.tenant_id, words)
        if not unknown:
            return
        about = {"tenant_id": self._tx.tenant_id}
        rows = self._tx.fetch_all(_THERE, {**about, "words": sorted(unknown)})
        there = {row["word"] for row in rows}
        # What this unit of work has added may yet be undone.
        self._known.add(self._tx.tenant_id, there - self._uncommitted)
        new = sorted(unknown - there)
        if not new:
            return
        self._uncommitted.update(new)
        pairs = sorted((deletion, word) for word in new for deletion in deletions(word))
        self._tx.write(_ADD_WORDS, {**about, "words": json_text(new)})
        self._tx.write(_ADD_DELETIONS, {**about, "pairs": json_text(pairs)})

    def mark(self, words: Sequence[str]) -> None:
        """Note that words are not used any longer, as it seems."""
        self._change(_MARK, words, now=self._tx.clock.now())

    def keep(self, words: Sequence[str]) -> None:
        """Take the mark off words that are used again."""
        self._change(_KEEP, words)

    def remove(self, words: Sequence[str], before: datetime) -> None:
        """Delete words that were marked before a time."""
        self._change(_REMOVE_WORDS, words, before=before)
        keys = sorted({deletion for word in words for deletion in deletions(word)})
        self._change(_REMOVE_DELETIONS, words, deletions=keys)

    def _change(self, statement: Statement, words: Sequence[str], **more: Any) -> None:
        if words:
            about = {"tenant_id": self._tx.tenant_id, "words": list(words)}
            self._tx.write(statement, {**about, **more})


_THERE = Statement(
    "SELECT word FROM search_words"
    " WHERE tenant_id = %(tenant_id)s AND word = ANY(%(words)s) AND unused_since IS NULL"
)
# As JSON, which costs the driver less than arrays.
_ADD_WORDS = Statement(
    "INSERT INTO search_words (tenant_id, word)"
    " SELECT %(tenant_id)s, word FROM json_array_elements_text(%(words)s::json) AS word"
)
_ADD_DELETIONS = Statement(
    "INSERT INTO search_deletions (tenant_id, deletion, word)"
    " SELECT %(tenant_id)s, pair ->> 0, pair ->> 1"
    " FROM json_array_elements(%(pairs)s::json) AS pair"
)
_OF_WORDS = "WHERE tenant_id = %(tenant_id)s AND word = ANY(%(words)s)"
_MARK = Statement(f"UPDATE search_words SET unused_since = %(now)s {_OF_WORDS}")
_KEEP = Statement(f"UPDATE search_words SET unused_since = NULL {_OF_WORDS}")
_REMOVE_WORDS = Statement(f"DELETE FROM search_words {_OF_WORDS} AND unused_since < %(before)s")
_REMOVE_DELETIONS = Statement(
    f"DELETE FROM search_deletions {_OF_WORDS} AND deletion = ANY(%(deletions)s)"
)
