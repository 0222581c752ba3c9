"""How deliveries are kept: queued in the transaction that stores the fact, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from notifications.feed.storage import StoredFact
from notifications.webhooks.domain import DeliveryState

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("endpoint_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("position", sa.BigInteger),
    sa.Column("type", sa.Text(collation="C"), nullable=False),
    sa.Column("line", _uuid),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", _time, nullable=False),
    sa.Column("claim", _uuid),
    sa.Column("content", sa.JSON),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("finished_at", _time),
    sa.Column("last_status", sa.Integer),
)

webhook_attempts = sa.Table(
    "webhook_attempts",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("endpoint_id", _uuid, primary_key=True),
    sa.Column("delivery_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", _time, nullable=False),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("error", sa.Text),
)

_QUEUED = "endpoint_id id position type line state attempts tries due_at content created_at".split()
_QUEUE = BulkInsert.into(webhook_deliveries, _QUEUED)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An endpoint that wants some types of facts."""

    endpoint_id: UUID
    types: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """One delivery: an endpoint, and the id of what it gets. `claim` is whose attempt it is."""

    tenant_id: UUID
    endpoint_id: UUID
    id: UUID
    claim: UUID
    tries: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt; `status` is None when there was no answer, and `error` says why."""

    at: datetime
    seconds: float
    status: int | None
    headers: dict[str, str]
    body: str
    error: str | None


def add_deliveries(
    tx: UnitOfWork, wanted: Sequence[tuple[Subscriber, StoredFact]], now: datetime
) -> None:
    """Queue facts for endpoints, to be sent at once."""
    rows = [
        _row(to.endpoint_id, one.fact.id, one.fact.type, now)
        | {"position": one.position, "line": one.fact.aggregate_id if to.ordered else None}
        for to, one in wanted
    ]
    tx.write(_QUEUE.statement, _QUEUE.parameters(tx.tenant_id, rows))


def add_own_delivery(
    tx: UnitOfWork, endpoint_id: UUID, delivery_id: UUID, kind: str, content: dict[str, Any]
) -> None:
    """Queue something that is no fact: a test event."""
    row = _row(endpoint_id, delivery_id, kind, tx.clock.now())
    row["content"] = json_text(content)
    tx.write(_QUEUE.statement, _QUEUE.parameters(tx.tenant_id, [row]))


def _row(endpoint_id: UUID, delivery_id: UUID, kind: str, now: datetime) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint_id,
        "id": delivery_id,
        "position": None,
        "type": kind,
        "line": None,
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "tries": 0,
        "due_at": now,
        "content": None,
        "created_at": now,
    }


_HERE = "tenant_id = %(tenant_id)s AND endpoint_id = %(endpoint_id)s"
_ADD_ATTEMPT = Statement(
    "INSERT INTO webhook_attempts (tenant_id, endpoint_id, delivery_id, number, at, duration_ms,"
    " status, headers, body, error) VALUES (%(tenant_id)s, %(endpoint_id)s, %(id)s, %(number)s,"
    " %(at)s, %(duration_ms)s, %(status)s, %(headers)s, %(body)s, %(error)s)"
    " ON CONFLICT DO NOTHING"
)
# Only by whoever holds the claim: one whose claim has run out has nothing to say any more.
_SETTLE = Statement(
    f"UPDATE webhook_deliveries SET state = %(state)s, reason = %(reason)s,"  # noqa: S608
    " due_at = %(due_at)s, finished_at = %(finished_at)s, tries = %(tries)s, claim = NULL,"
    " last_status = coalesce(%(status)s::integer, last_status)"
    f" WHERE {_HERE} AND id = %(id)s AND claim = %(claim)s AND state = 'waiting'"
    " RETURNING line"
)
_HOLD_LINE = Statement(
    f"UPDATE webhook_deliveries SET due_at = %(due_at)s WHERE {_HERE}"  # noqa: S608
    " AND line = %(line)s AND state = 'waiting' AND due_at < %(due_at)s AND claim IS NULL"
)
_RELEASE_LINE = Statement(
    f"UPDATE webhook_deliveries SET due_at = %(due_at)s WHERE {_HERE}"  # noqa: S608
    " AND line = %(line)s AND state = 'waiting' AND tries = 0 AND due_at > %(due_at)s"
    " AND claim IS NULL"
)
_IS_WELL = Statement(
    f"UPDATE webhook_health SET failing_since = NULL, paused_until = NULL WHERE {_HERE}"  # noqa: S608
    " AND failing_since IS NOT NULL"
)
_IS_FAILING = Statement(
    "INSERT INTO webhook_health AS h (tenant_id, endpoint_id, failing_since, paused_until)"
    " VALUES (%(tenant_id)s, %(endpoint_id)s, %(now)s, %(paused_until)s)"
    " ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET"
    " failing_since = coalesce(h.failing_since, excluded.failing_since),"
    " paused_until = coalesce(excluded.paused_until, h.paused_until)"
    " RETURNING failing_since"
)


def note_attempt(tx: UnitOfWork, key: DeliveryKey, attempt: Attempt) -> None:
    """Add an attempt to the log of its delivery."""
    values = {
        "number": key.attempt,
        "at": attempt.at,
        "duration_ms": round(attempt.seconds * 1000),
        "status": attempt.status,
        "headers": json_text(attempt.headers),
        "body": attempt.body,
        "error": attempt.error,
    }
    tx.write(_ADD_ATTEMPT, {**_about(key), **values})


def settle(
    tx: UnitOfWork,
    key: DeliveryKey,
    state: DeliveryState,
    *,
    due_at: datetime,
    tries: int,
    reason: str | None = None,
    status: int | None = None,
) -> bool:
    """Note what became of a delivery; False when the claim was lost and nothing is noted.

    What waits behind it in its line waits as long as it, or goes on.
    """
    finished = None if state is DeliveryState.WAITING else tx.clock.now()
    values: dict[str, Any] = {"state": state, "reason": reason, "due_at": due_at, "tries": tries}
    values |= {"finished_at": finished, "status": status, "claim": key.claim}
    row = tx.fetch_one(_SETTLE, {**_about(key), **values})
    if row is None:
        return False
    if row["line"] is not None:
        line = {**_about(key), "line": row["line"], "due_at": due_at}
        tx.write(_RELEASE_LINE if finished else _HOLD_LINE, line)
    return True


def note_success(tx: UnitOfWork, key: DeliveryKey) -> None:
    """The endpoint takes deliveries."""
    tx.write(_IS_WELL, _about(key))


def note_failure(tx: UnitOfWork, key: DeliveryKey, pause: timedelta | None) -> datetime:
    """The endpoint has not taken one; gives since when nothing has succeeded."""
    now = tx.clock.now()
    about = {**_about(key), "now": now, "paused_until": None if pause is None else now + pause}
    row = tx.fetch_one(_IS_FAILING, about)
    if row is None:
        raise AssertionError("an upsert that returns gives a row")
    failing_since: datetime = row["failing_since"]
    return failing_since


def _about(key: DeliveryKey) -> dict[str, Any]:
    return {"tenant_id": key.tenant_id, "endpoint_id": key.endpoint_id, "id": key.id}
