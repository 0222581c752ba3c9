"""What the desk has to do with a person, for whoever looks at them as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.people.named import known_as
from desk.ticket_facts.domain import SETTLED
from desk.tickets import reach
from desk.tickets.domain import Ticket
from desk.tickets.storage import ticket_of
from desk.tickets.tables import tickets

MOST_OPEN = 20
RECENT = timedelta(days=90)
_columns = tickets.c


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """The tickets of a person within reach: those open, and how many there are and were.

    `due_at` is by when the next target of an open ticket has to be met, where a clock runs.
    """

    open_tickets: Sequence[Ticket] = ()
    due_at: Mapping[UUID, datetime] = field(default_factory=dict)
    open_count: int = 0
    total_count: int = 0
    recent_count: int = 0
    last_opened_at: datetime | None = None


def summary_of(reading: Reading, person_id: UUID) -> TicketSummary:
    """What there is of a person, or of who is left after a merge; tickets that were merged left out."""
    theirs = (
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.person_id == known_as(reading, person_id),
        _columns.merged_into_id.is_(None),
    )
    is_open = _columns.status.not_in(sorted(SETTLED))
    recent = _columns.opened_at > reading.clock.now() - RECENT
    counted: Sequence[sa.ColumnElement[Any]] = (
        sa.func.count().label("total"),
        sa.func.count().filter(is_open).label("open"),
        sa.func.count().filter(recent).label("recent"),
        sa.func.max(_columns.opened_at).label("last"),
    )
    counts = sa.select(*counted).where(*theirs)
    row = reading.connection.execute(reach.narrow(reading, counts)).mappings().one()
    if not row["total"]:
        return TicketSummary()
    latest = sa.select(*(column for column in _columns if column.name != "tenant_id"))
    latest = latest.where(*theirs, is_open).order_by(_columns.opened_at.desc(), _columns.id.desc())
    found = reading.connection.execute(reach.narrow(reading, latest).limit(MOST_OPEN)).mappings()
    open_tickets = [ticket_of(one) for one in found]
    return TicketSummary(
        open_tickets=open_tickets,
        due_at=_due(reading, [one.id for one in open_tickets]),
        open_count=row["open"],
        total_count=row["total"],
        recent_count=row["recent"],
        last_opened_at=row["last"],
    )


def _due(reading: Reading, ticket_ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    about = {"tenant_id": reading.caller.tenant_id, "ticket_ids": list(ticket_ids)}
    return {row["ticket_id"]: row["due_at"] for row in reading.fetch_all(_DUE, about)}


_DUE = Statement(
    "SELECT ticket_id, min(due_at) AS due_at FROM clocks WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = ANY(%(ticket_ids)s) AND state = 'running' AND due_at IS NOT NULL"
    " GROUP BY ticket_id"
)
