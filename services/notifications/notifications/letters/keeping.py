"""Letters that wait for a mailing house, and the batches in which it takes them (NO-1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from chassis.context import service_caller
from chassis.domain import Conflict, NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from notifications.providers.port import Outgoing
from notifications.transaction import NotificationsTx

MOST_IN_BATCH = 5000
_COLUMNS = ("id", "name", "address", "language", "subject", "text", "html", "sender")


class StoredLetters:
    """Keeps letters; the same one put twice is one."""

    def __init__(self, operations: Operations[NotificationsTx]) -> None:
        self._operations = operations

    def put(self, outgoing: Outgoing, sender: str = "") -> None:
        """Have a letter wait for the next batch; `sender` is the line above its address."""
        caller = service_caller("notifications", outgoing.tenant_id)
        self._operations.run(caller, _put, outgoing, sender)


def _put(tx: NotificationsTx, outgoing: Outgoing, sender: str) -> None:
    about = {
        "tenant_id": tx.tenant_id,
        "id": outgoing.message_id,
        "name": outgoing.name,
        "address": outgoing.address,
        "subject": outgoing.subject,
        "text": outgoing.text,
        "html": outgoing.html,
        "language": outgoing.language,
        "sender": sender,
        "now": tx.clock.now(),
    }
    tx.write(_PUT, about)


def begin_batch(tx: NotificationsTx, most: int = MOST_IN_BATCH) -> tuple[UUID, int]:
    """Take what waits into a batch of `most`, the oldest first; gives its id and how many there are.

    Raises `Conflict` when nothing waits.
    """
    batch_id = tx.ids.new()
    about = {"tenant_id": tx.tenant_id, "batch_id": batch_id, "most": most}
    count = len(tx.fetch_all(_BATCH, about))
    if not count:
        raise Conflict("No letter waits.", code="no_letters")
    return batch_id, count


def letters_of(reading: Reading, batch_id: UUID) -> Sequence[Mapping[str, Any]]:
    """The letters of a batch. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "batch_id": batch_id}
    letters = reading.fetch_all(_LETTERS, about)
    if not letters:
        raise NotFound.of("batch of letters", batch_id)
    return letters


def count_waiting(reading: Reading) -> dict[str, Any]:
    """How many letters wait for a batch."""
    row = reading.fetch_one(_WAITING, {"tenant_id": reading.caller.tenant_id})
    return {"waiting": 0 if row is None else row["waiting"]}


def as_ndjson(letters: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """One letter a line."""
    for letter in letters:
        yield orjson.dumps({name: letter[name] for name in _COLUMNS}, default=str) + b"\n"


def as_csv(letters: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """One letter a row; nothing in a cell is run by a spreadsheet."""
    for row in (_COLUMNS, *([letter[name] for name in _COLUMNS] for letter in letters)):
        line = io.StringIO()
        csv.writer(line).writerow([_harmless(str(cell)) for cell in row])
        yield line.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


_PUT = Statement(
    """
    INSERT INTO letters
        (tenant_id, id, name, address, subject, text, html, language, sender, written_at)
    VALUES (%(tenant_id)s, %(id)s, %(name)s, %(address)s, %(subject)s, %(text)s, %(html)s,
        %(language)s, %(sender)s, %(now)s)
    ON CONFLICT (tenant_id, id) DO NOTHING
    """
)
# Chosen once: an update may look at a subquery of its condition again, which would then find others.
_BATCH = Statement(
    """
    WITH waiting AS MATERIALIZED (
        SELECT id FROM letters WHERE tenant_id = %(tenant_id)s AND batch_id IS NULL
        ORDER BY written_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    UPDATE letters SET batch_id = %(batch_id)s FROM waiting
    WHERE letters.tenant_id = %(tenant_id)s AND letters.id = waiting.id
    RETURNING letters.id
    """
)
_LETTERS = Statement(
    "SELECT id, name, address, language, subject, text, html, sender FROM letters"
    " WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s ORDER BY written_at, id"
)
_WAITING = Statement(
    "SELECT count(*) AS waiting FROM letters WHERE tenant_id = %(tenant_id)s AND batch_id IS NULL"
)
