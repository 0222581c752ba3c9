"""The attempts at a message: noted before the provider is called, so that a crash leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.messages.domain import as_kept


class Phase(StrEnum):
    """How far an attempt is. After `handing_over` only the provider knows what became of it."""

    CONNECTING = "connecting"
    HANDING_OVER = "handing_over"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. With `deduplicates` the provider takes the same key for the same message."""

    message_id: UUID
    number: int
    provider_id: UUID
    provider_kind: str
    idempotency_key: str
    deduplicates: bool
    started_at: datetime
    phase: Phase = Phase.CONNECTING


def note_attempt(tx: UnitOfWork, attempt: Attempt) -> None:
    """Note that an attempt begins."""
    about = {
        "tenant_id": tx.tenant_id,
        "message_id": attempt.message_id,
        "number": attempt.number,
        "provider_id": attempt.provider_id,
        "provider_kind": attempt.provider_kind,
        "idempotency_key": attempt.idempotency_key,
        "deduplicates": attempt.deduplicates,
        "now": attempt.started_at,
    }
    tx.write(_NOTE, about)


def note_handover(tx: UnitOfWork, attempt: Attempt, lease_id: UUID, lease: timedelta) -> bool:
    """Note that the message is handed over from now on; False when another worker has it.

    To be committed before the first byte of the message leaves.
    """
    here = {"tenant_id": tx.tenant_id, "message_id": attempt.message_id, "number": attempt.number}
    until = tx.clock.now() + lease
    held = tx.fetch_one(_HOLD, {**here, "lease_id": lease_id, "until": until})
    if held is None:
        return False
    tx.write(_HAND_OVER, here)
    return True


def close_attempt(
    tx: UnitOfWork, message_id: UUID, number: int, outcome: str, detail: str = ""
) -> None:
    """Note what became of an attempt."""
    about = {
        "tenant_id": tx.tenant_id,
        "message_id": message_id,
        "number": number,
        "outcome": outcome,
        "detail": as_kept(detail),
        "now": tx.clock.now(),
    }
    tx.write(_CLOSE, about)


def last_attempt(tx: UnitOfWork | Reading, message_id: UUID) -> Attempt | None:
    """The latest attempt at a message."""
    about = {"tenant_id": tx.caller.tenant_id, "message_id": message_id}
    row = tx.fetch_one(_LAST, about)
    return None if row is None else _attempt_of(row)


def keep_lease(tx: UnitOfWork, message_id: UUID, lease_id: UUID, until: datetime) -> bool:
    """Hold on to a message's place in the queue; False when another worker has it by now."""
    about = {"tenant_id": tx.tenant_id, "message_id": message_id}
    return tx.fetch_one(_HOLD, {**about, "lease_id": lease_id, "until": until}) is not None


def _attempt_of(row: dict[str, Any]) -> Attempt:
    return Attempt(
        row["message_id"],
        row["number"],
        row["provider_id"],
        row["provider_kind"],
        row["idempotency_key"],
        row["deduplicates"],
        row["started_at"],
        Phase(row["phase"]),
    )


_NOTE = Statement(
    """
    INSERT INTO message_attempts (tenant_id, message_id, number, provider_id, provider_kind,
        idempotency_key, deduplicates, phase, detail, started_at)
    VALUES (%(tenant_id)s, %(message_id)s, %(number)s, %(provider_id)s, %(provider_kind)s,
        %(idempotency_key)s, %(deduplicates)s, 'connecting', '', %(now)s)
    """
)
_HOLD = Statement(
    "UPDATE message_queue SET lease_until = %(until)s WHERE tenant_id = %(tenant_id)s"
    " AND message_id = %(message_id)s AND lease_id = %(lease_id)s RETURNING message_id"
)
_HAND_OVER = Statement(
    "UPDATE message_attempts SET phase = 'handing_over' WHERE tenant_id = %(tenant_id)s"
    " AND message_id = %(message_id)s AND number = %(number)s"
)
_CLOSE = Statement(
    "UPDATE message_attempts SET phase = 'over', outcome = %(outcome)s, detail = %(detail)s,"
    " finished_at = %(now)s WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
    " AND number = %(number)s"
)
_LAST = Statement(
    "SELECT * FROM message_attempts WHERE tenant_id = %(tenant_id)s"
    " AND message_id = %(message_id)s ORDER BY number DESC LIMIT 1"
)
