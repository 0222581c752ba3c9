"""How the clocks of tickets are kept, and the history that they are reckoned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.clock_courses.domain import Past
from desk.clocks.domain import OPEN_STATES, Clock, ClockState
from desk.service_levels.domain import Target
from desk.ticket_facts.domain import SETTLED, Happening, Priority, Status, TicketType

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

clocks = sa.Table(
    "clocks",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("target", _word, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("started_at", _time, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("service_level_id", _uuid),
    sa.Column("minutes", sa.Integer),
    sa.Column("due_at", _time),
    sa.Column("warn_at", _time),
    sa.Column("paused_at", _time),
    sa.Column("set_anew_at", _time),
    sa.Column("warned_at", _time),
    sa.Column("breached_at", _time),
    sa.Column("met_at", _time),
    sa.Column("met_told", sa.Boolean, nullable=False),
    sa.Column("settled_at", _time),
    sa.Column("type", _word, nullable=False),
    sa.Column("priority", _word, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("assignee_id", _uuid),
)
_OWN = (
    "ticket_id",
    "target",
    "round",
    "started_at",
    "state",
    "service_level_id",
    "due_at",
    "warn_at",
    "paused_at",
    "set_anew_at",
    "warned_at",
    "breached_at",
    "met_at",
    "met_told",
    "type",
    "priority",
    "queue_id",
    "assignee_id",
)
_WORDS = {"target": Target, "state": ClockState, "type": TicketType, "priority": Priority}


class ClocksRepository(Repository[Clock]):
    """Clocks for a change; a ticket's are changed by whoever has the ticket locked."""

    table = clocks
    kind = "clock"

    def of_ticket(self, ticket_id: UUID) -> list[Clock]:
        """Those of a ticket that may still change: the open ones, and its resolution."""
        self._tx.flush()
        about = {
            "tenant_id": self._tx.tenant_id,
            "ticket_id": ticket_id,
            "states": sorted(OPEN_STATES),
        }
        return self.get_many([row["id"] for row in self._tx.fetch_all(_CHANGEABLE, about)])

    def ticket_of(self, clock_id: UUID) -> UUID | None:
        """Whose clock it is, without a lock."""
        row = self._tx.fetch_one(_TICKET, {"tenant_id": self._tx.tenant_id, "id": clock_id})
        return None if row is None else row["ticket_id"]

    def note(self, ticket_id: UUID, place: int, past: Sequence[Past]) -> None:
        """Have what happened be part of a ticket's history, from this place on."""
        for number, one in enumerate(past, place):
            self._tx.write(
                _NOTE,
                {
                    "tenant_id": self._tx.tenant_id,
                    "ticket_id": ticket_id,
                    "place": number,
                    "what": one.what,
                    "at": one.at,
                    "status": one.status,
                },
            )

    def unsettled_after(self, ticket_id: UUID | None, most: int) -> Sequence[UUID]:
        """The tickets that are not settled, in the order of their ids, behind one of them."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "after": ticket_id or UUID(int=0),
            "settled": sorted(SETTLED),
            "most": most,
        }
        return [row["id"] for row in self._tx.fetch_all(_UNSETTLED, about)]

    def _aggregate(self, row: sa.RowMapping) -> Clock:
        return clock_of(row)

    def _row(self, aggregate: Clock) -> dict[str, Any]:
        whole = aggregate.whole
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "minutes": None if whole is None else whole // timedelta(minutes=1),
            "settled_at": aggregate.settled_at,
        }


def clock_of(row: Mapping[str, Any] | sa.RowMapping) -> Clock:
    """The clock that a row of the table stands for."""
    own = {name: row[name] for name in _OWN}
    words = {name: kind(row[name]) for name, kind in _WORDS.items()}
    minutes = row["minutes"]
    return Clock(
        id=row["id"],
        version=row["version"],
        whole=None if minutes is None else timedelta(minutes=minutes),
        **{**own, **words},
    )


def history_of(reading: Reading | UnitOfWork, ticket_id: UUID) -> list[Past]:
    """What happened to a ticket, in the order in which it did."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    return [
        Past(Happening(row["what"]), row["at"], Status(row["status"]))
        for row in reading.fetch_all(_HISTORY, about)
    ]


_CHANGEABLE = Statement(
    "SELECT id FROM clocks WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
    " AND (state = ANY(%(states)s) OR target = 'resolution')"
)
_TICKET = Statement("SELECT ticket_id FROM clocks WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
_NOTE = Statement(
    "INSERT INTO ticket_moments (tenant_id, ticket_id, place, what, at, status) VALUES"
    " (%(tenant_id)s, %(ticket_id)s, %(place)s, %(what)s, %(at)s, %(status)s)"
)
_HISTORY = Statement(
    "SELECT what, at, status FROM ticket_moments WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s ORDER BY place"
)
_UNSETTLED = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND id > %(after)s"
    " AND status <> ALL(%(settled)s) ORDER BY id LIMIT %(most)s"
)
