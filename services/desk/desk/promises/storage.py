"""How promises are kept: one row each, and one for every time that was moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.promises.domain import (
    PENDING,
    ContactBy,
    KeptBy,
    Promise,
    Promised,
    PromiseStatus,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

promises = sa.Table(
    "promises",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("due_at", _time, nullable=False),
    sa.Column("contact_by", _word, nullable=False),
    sa.Column("note", _word, nullable=False),
    sa.Column("user_id", _uuid),
    sa.Column("queue_id", _uuid),
    sa.Column("remind_minutes", sa.Integer),
    sa.Column("kept_by_reply", sa.Boolean, nullable=False),
    sa.Column("made_by", _word, nullable=False),
    sa.Column("made_at", _time, nullable=False),
    sa.Column("reminded_at", _time),
    sa.Column("broken_at", _time),
    sa.Column("kept_at", _time),
    sa.Column("kept_by", _word),
    sa.Column("withdrawn_at", _time),
    sa.Column("rescheduled", sa.Integer, nullable=False),
    sa.Column("settled_at", _time),
    sa.Column("origin_ticket_id", _uuid),
)
_PROMISED = ("due_at", "note", "user_id", "remind_minutes", "kept_by_reply")
_OWN = (
    "ticket_id",
    "queue_id",
    "made_by",
    "made_at",
    "reminded_at",
    "broken_at",
    "kept_at",
    "withdrawn_at",
    "rescheduled",
    "origin_ticket_id",
)


class PromisesRepository(Repository[Promise]):
    """Promises for a change; a ticket's are changed by whoever has the ticket locked."""

    table = promises
    kind = "promise"

    def pending_of(self, ticket_id: UUID) -> list[Promise]:
        """Those of a ticket that were neither kept nor withdrawn."""
        self._tx.flush()
        about = {
            "tenant_id": self._tx.tenant_id,
            "ticket_id": ticket_id,
            "statuses": sorted(PENDING),
        }
        return self.get_many([row["id"] for row in self._tx.fetch_all(_PENDING, about)])

    def ticket_of(self, promise_id: UUID) -> UUID | None:
        """Which ticket a promise is about, without a lock."""
        row = self._tx.fetch_one(_TICKET, {"tenant_id": self._tx.tenant_id, "id": promise_id})
        return None if row is None else row["ticket_id"]

    def _aggregate(self, row: sa.RowMapping) -> Promise:
        return promise_of(row)

    def _row(self, aggregate: Promise) -> dict[str, Any]:
        promised = aggregate.promised
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            **{name: getattr(promised, name) for name in _PROMISED},
            "contact_by": promised.contact_by,
            "status": aggregate.status,
            "kept_by": aggregate.kept_by,
            "settled_at": aggregate.settled_at,
        }

    def _stored(self, aggregate: Promise, *, new: bool) -> None:  # noqa: ARG002 - its moves show
        first = aggregate.rescheduled - len(aggregate.moves) + 1
        for number, move in enumerate(aggregate.moves, first):
            kept = {name: getattr(move, name) for name in move.__dataclass_fields__}
            about = {"promise_id": aggregate.id, "ticket_id": aggregate.ticket_id}
            of_tenant = {"tenant_id": self._tx.tenant_id, **about}
            self._tx.write(_MOVED, {**of_tenant, "number": number, **kept})
        aggregate.moves.clear()


def promise_of(row: Mapping[str, Any] | sa.RowMapping) -> Promise:
    """The promise that a row of the table stands for."""
    kept_by = row["kept_by"]
    return Promise(
        id=row["id"],
        version=row["version"],
        promised=Promised(
            contact_by=ContactBy(row["contact_by"]), **{name: row[name] for name in _PROMISED}
        ),
        status=PromiseStatus(row["status"]),
        kept_by=KeptBy(kept_by) if kept_by else None,
        **{name: row[name] for name in _OWN},
    )


def moves_of(reading: Reading | UnitOfWork, promise_id: UUID) -> list[dict[str, Any]]:
    """The times that were promised before, the first one first."""
    about = {"tenant_id": reading.caller.tenant_id, "promise_id": promise_id}
    return reading.fetch_all(_MOVES, about)


_PENDING = Statement(
    "SELECT id FROM promises WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
    " AND status = ANY(%(statuses)s)"
)
_TICKET = Statement(
    "SELECT ticket_id FROM promises WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_MOVED = Statement(
    "INSERT INTO promise_moves"
    " (tenant_id, promise_id, number, ticket_id, from_due_at, to_due_at, reason, at, by) VALUES"
    " (%(tenant_id)s, %(promise_id)s, %(number)s, %(ticket_id)s, %(from_due_at)s, %(to_due_at)s,"
    " %(reason)s, %(at)s, %(by)s)"
)
_MOVES = Statement(
    "SELECT from_due_at, to_due_at, reason, at, by FROM promise_moves"
    " WHERE tenant_id = %(tenant_id)s AND promise_id = %(promise_id)s ORDER BY number LIMIT 500"
)
