"""Whose turn it is: claims messages across tenants, fairly, under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from notifications.messages.storage import PROMOTIONAL_LANE, TRANSACTIONAL_LANE
from notifications.metrics import waited

_LANES = {TRANSACTIONAL_LANE: "transactional", PROMOTIONAL_LANE: "promotional"}


@dataclass(frozen=True, slots=True)
class Turn:
    """A message that is this worker's until `until`, as long as nobody else holds another lease.

    `traceparent` is the trace in which it was ordered.
    """

    tenant_id: UUID
    message_id: UUID
    lease_id: UUID
    until: datetime
    traceparent: str | None = None


class MessageQueue:
    """Messages that are due. Any number of workers may claim at the same time."""

    def __init__(self, database: Database, clock: Clock, lease: timedelta) -> None:
        self._database = database
        self._clock = clock
        self.lease = lease

    def claim(self, most: int) -> list[Turn]:
        """Some messages that are due.

        Transactional ones first; within a lane every tenant that has any gets as many as the
        others, so that a large mailing of one delays nobody else's.
        """
        now, lease_id = self._clock.now(), uuid4()
        until = now + self.lease
        about = {"now": now, "most": most, "lease_id": lease_id, "until": until}
        with self._database.system_transaction() as connection:
            rows = connection.execute(_CLAIM, about).all()
        for row in rows:
            waited.labels(_LANES[row.lane]).observe((now - row.due_at).total_seconds())
        turns = [
            Turn(row.tenant_id, row.message_id, lease_id, until, row.traceparent) for row in rows
        ]
        order = {(row.tenant_id, row.message_id): (row.lane, row.due_at) for row in rows}
        return sorted(turns, key=lambda turn: order[turn.tenant_id, turn.message_id])

    def give_back(self, turn: Turn) -> None:
        """Let others have it at once: this worker ends."""
        about = {
            "tenant_id": turn.tenant_id,
            "message_id": turn.message_id,
            "lease_id": turn.lease_id,
        }
        with self._database.system_transaction() as connection:
            connection.execute(_GIVE_BACK, about)

    def seconds_until_next(self) -> float | None:
        """How long until the next message is due; None when none waits."""
        with self._database.system_transaction() as connection:
            due = connection.execute(_NEXT).scalar()
        return None if due is None else max(0.0, (due - self._clock.now()).total_seconds())


_FREE = "due_at <= :now AND (lease_until IS NULL OR lease_until <= :now)"
# The index is walked from tenant to tenant (a loose scan), so a million messages of one cost the
# others nothing.
_CLAIM = sa.text(
    f"""
    WITH RECURSIVE waiting(lane, tenant_id) AS (
        (SELECT lane, tenant_id FROM message_queue ORDER BY lane, tenant_id LIMIT 1)
        UNION ALL
        SELECT following.lane, following.tenant_id FROM waiting CROSS JOIN LATERAL (
            SELECT lane, tenant_id FROM message_queue
            WHERE (lane, tenant_id) > (waiting.lane, waiting.tenant_id)
            ORDER BY lane, tenant_id LIMIT 1
        ) following
    ),
    candidates AS (
        SELECT waiting.lane, waiting.tenant_id, first.message_id, first.due_at,
            row_number() OVER (PARTITION BY waiting.tenant_id, waiting.lane ORDER BY first.due_at)
                AS place
        FROM waiting CROSS JOIN LATERAL (
            SELECT message_id, due_at FROM message_queue
            WHERE lane = waiting.lane AND tenant_id = waiting.tenant_id AND {_FREE}
            ORDER BY due_at LIMIT :most * 4
        ) first
    ),
    chosen AS (
        SELECT queue.tenant_id, queue.message_id FROM message_queue queue
        JOIN (
            SELECT tenant_id, message_id, lane, place, due_at FROM candidates
            ORDER BY lane, place, due_at LIMIT :most * 4
        ) candidate USING (tenant_id, message_id)
        WHERE queue.due_at <= :now AND (queue.lease_until IS NULL OR queue.lease_until <= :now)
        ORDER BY candidate.lane, candidate.place, candidate.due_at
        LIMIT :most
        FOR UPDATE OF queue SKIP LOCKED
    )
    UPDATE message_queue SET lease_id = :lease_id, lease_until = :until
    FROM chosen
    WHERE message_queue.tenant_id = chosen.tenant_id
        AND message_queue.message_id = chosen.message_id
    RETURNING message_queue.tenant_id, message_queue.message_id, lane, due_at, traceparent
    """  # noqa: S608 - our own words
)
_GIVE_BACK = sa.text(
    "UPDATE message_queue SET lease_id = NULL, lease_until = NULL"
    " WHERE tenant_id = :tenant_id AND message_id = :message_id AND lease_id = :lease_id"
)
_NEXT = sa.text("SELECT min(greatest(due_at, coalesce(lease_until, due_at))) FROM message_queue")
