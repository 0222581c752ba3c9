"""Forgets people in what imports keep: files, rows, and what a dry run knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from contacts.imports.domain import BROKEN_OFF
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Remembered:
    """By what imports know people: their ids, their keys, and texts that rows of theirs contain."""

    person_ids: Sequence[UUID]
    keys: Sequence[tuple[str, str]]
    texts: Sequence[str]


def forget_in_imports(tx: ContactsTx, people: Remembered) -> None:
    """Forget people in all imports.

    A file that they were in is thrown away, unless it is at work now: then it goes when files do,
    some days after the import. Rows that failed and tell of them are deleted; of the others only
    the ids stay. That an import has changed them cannot be undone any longer.
    """
    about: Mapping[str, Any] = {
        "tenant_id": tx.tenant_id,
        "ids": list(people.person_ids),
        "keys": json_text([{"kind": kind, "key": key} for kind, key in people.keys]),
        "texts": list(people.texts),
        "at_work": list(BROKEN_OFF),
    }
    for statement in (_EXAMPLES, _FILES, _FAILED, _ROWS, _KEYS):
        tx.write(statement, about)


_THEIRS = """
    WITH theirs AS MATERIALIZED (
        SELECT import_id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s) AND import_id IS NOT NULL
        UNION
        SELECT import_id FROM merges
        WHERE tenant_id = %(tenant_id)s AND merged_id = ANY(%(ids)s) AND import_id IS NOT NULL
        UNION
        SELECT import_id FROM import_rows
        WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)
    ), idle AS MATERIALIZED (
        SELECT i.id FROM imports i JOIN theirs ON theirs.import_id = i.id
        WHERE i.tenant_id = %(tenant_id)s AND NOT i.state = ANY(%(at_work)s)
    )
"""
_EXAMPLES = Statement(
    f"{_THEIRS} UPDATE imports SET examples = '[]'"  # noqa: S608 - our own text
    " FROM idle WHERE imports.tenant_id = %(tenant_id)s AND imports.id = idle.id"
)
_FILES = Statement(  # pieces go with their part
    f"{_THEIRS} DELETE FROM import_parts p"  # noqa: S608 - our own text
    " USING idle WHERE p.tenant_id = %(tenant_id)s AND p.import_id = idle.id"
)
_FAILED = Statement(
    """
    DELETE FROM import_rows r USING import_runs u
    WHERE u.tenant_id = %(tenant_id)s AND r.tenant_id = %(tenant_id)s
      AND r.import_id = u.import_id AND r.run = u.number AND r.outcome = 'failed'
      AND (r.person_id = ANY(%(ids)s) OR EXISTS (
        SELECT 1 FROM unnest(%(texts)s::text[]) AS given (text)
        WHERE position(given.text IN lower(r.cells::text)) > 0
      ))
    """
)
_ROWS = Statement(
    "UPDATE import_rows SET reasons = '[]', before = NULL, before_version = NULL, version = NULL"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
)
_KEYS = Statement(
    """
    DELETE FROM import_keys k
    USING import_runs u, json_to_recordset(%(keys)s::json) AS given (kind text, key text)
    WHERE u.tenant_id = %(tenant_id)s AND k.tenant_id = %(tenant_id)s
      AND k.import_id = u.import_id AND k.run = u.number
      AND k.kind = given.kind AND k.key = given.key
    """
)
