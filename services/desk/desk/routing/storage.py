"""How decisions are kept, what is yet to be decided, and what is counted to choose by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.agents.domain import Skill
from desk.routing.domain import (
    Considered,
    Heard,
    Need,
    NoAgent,
    Place,
    Purpose,
    RoutingDecision,
    Skipped,
)
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")

routing_decisions = sa.Table(
    "routing_decisions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("purpose", _word, nullable=False),
    sa.Column("routing_rule_id", _uuid),
    sa.Column("queue_before_id", _uuid),
    sa.Column("queue_id", _uuid),
    sa.Column("assignee_before_id", _uuid),
    sa.Column("assignee_id", _uuid),
    sa.Column("priority_before", _word, nullable=False),
    sa.Column("priority", _word, nullable=False),
    sa.Column("reason", _word, nullable=False),
    sa.Column("heard", sa.JSON, nullable=False),
    sa.Column("need", sa.JSON, nullable=False),
    sa.Column("considered", sa.JSON, nullable=False),
    sa.Column("skipped", sa.JSON, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class State:
    """How far routing has come with a ticket.

    `queue_id` is where it put the ticket and `priority` what it left it at, the first time that it
    decided; both are None until then.
    """

    round: int
    purpose: Purpose
    attempts: int
    barred_id: UUID | None
    queue_id: UUID | None
    priority: Priority | None
    heard: Heard


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits for an agent, and what it needs of one; `written` is how that is kept."""

    ticket_id: UUID
    queue_id: UUID
    need: Need
    written: str


class RoutingDecisionsRepository(Repository[RoutingDecision]):
    """Decisions, and what is yet to be decided, for a change."""

    table = routing_decisions
    kind = "routing decision"

    def one_at_a_time(self) -> None:
        """Have whoever else hands out tickets of this tenant wait until the commit.

        Comes before any ticket or agent is locked. Whose turn it is, and how much each has, is then
        the same for all.
        """
        self._tx.fetch_one(_ONE_AT_A_TIME, {"tenant_id": self._tx.tenant_id})

    def state(self, ticket_id: UUID) -> State | None:
        """How far it has come with a ticket, locked; None when nobody has asked."""
        row = self._tx.fetch_one(_STATE, self._about(ticket_id))
        return None if row is None else state_of(row)

    def settle(self, ticket_id: UUID, round_: int) -> None:
        """Have nothing decided about a ticket any more, unless somebody has asked anew."""
        self._tx.write(_SETTLE, {**self._about(ticket_id), "round": round_})

    def put_off(self, ticket_id: UUID, until: datetime) -> None:
        """Have a ticket looked at again later; whoever calls has its state locked."""
        self._tx.write(_PUT_OFF, {**self._about(ticket_id), "until": until})

    def keep(
        self,
        ticket_id: UUID,
        place: Place,
        heard: Heard,
        need: Need,
        again_at: datetime | None,
    ) -> None:
        """Note where routing has left a ticket; `again_at` is when to ask those who were silent."""
        about = {
            "queue_id": place.queue_id,
            "priority": place.priority,
            "heard": json_text(heard_document(heard)),
            "need": json_text(need_document(need)),
            "again_at": again_at,
        }
        self._tx.write(_KEEP, {**self._about(ticket_id), **about})

    def note_turn(self, queue_id: UUID, agent_id: UUID) -> None:
        """Have it be everybody else's turn in a queue first."""
        about = {"queue_id": queue_id, "agent_id": agent_id}
        self._tx.write(_TURN, {"tenant_id": self._tx.tenant_id, **about})

    def claim(self, ticket_id: UUID) -> bool:
        """Whether a ticket that waits for an agent is ours now: not while somebody else has it."""
        return self._tx.fetch_one(_CLAIM, self._about(ticket_id)) is not None

    def _about(self, ticket_id: UUID) -> dict[str, Any]:
        return {"tenant_id": self._tx.tenant_id, "ticket_id": ticket_id}

    def _aggregate(self, row: sa.RowMapping) -> RoutingDecision:
        return decision_of(row)

    def _row(self, aggregate: RoutingDecision) -> dict[str, Any]:
        return {
            "ticket_id": aggregate.ticket_id,
            "purpose": aggregate.purpose,
            "routing_rule_id": aggregate.routing_rule_id,
            "queue_before_id": aggregate.before.queue_id,
            "queue_id": aggregate.after.queue_id,
            "assignee_before_id": aggregate.before.assignee_id,
            "assignee_id": aggregate.after.assignee_id,
            "priority_before": aggregate.before.priority,
            "priority": aggregate.after.priority,
            "reason": aggregate.reason or "",
            "heard": heard_document(aggregate.heard),
            "need": need_document(aggregate.need),
            "considered": [_considered_document(one) for one in aggregate.considered],
            "skipped": [
                {"agent_id": str(one.agent_id), "because": one.because} for one in aggregate.skipped
            ],
            "decided_at": aggregate.decided_at,
        }


def decision_of(row: Mapping[str, Any] | sa.RowMapping) -> RoutingDecision:
    """The decision that a row of the table stands for."""
    before = Place(
        row["queue_before_id"], row["assignee_before_id"], Priority(row["priority_before"])
    )
    return RoutingDecision(
        id=row["id"],
        version=row["version"],
        ticket_id=row["ticket_id"],
        purpose=Purpose(row["purpose"]),
        routing_rule_id=row["routing_rule_id"],
        before=before,
        after=Place(row["queue_id"], row["assignee_id"], Priority(row["priority"])),
        reason=NoAgent(row["reason"]) if row["reason"] else None,
        heard=heard_of(row["heard"]),
        need=need_of(row["need"]),
        considered=tuple(
            Considered(UUID(one["routing_rule_id"]), one["taken"], one["problem"])
            for one in row["considered"]
        ),
        skipped=tuple(Skipped(UUID(one["agent_id"]), one["because"]) for one in row["skipped"]),
        decided_at=row["decided_at"],
    )


def state_of(row: Mapping[str, Any]) -> State:
    """The state that a row stands for."""
    priority = row["priority"]
    return State(
        round=row["round"],
        purpose=Purpose(row["purpose"]),
        attempts=row["attempts"],
        barred_id=row["barred_id"],
        queue_id=row["queue_id"],
        priority=None if priority is None else Priority(priority),
        heard=heard_of(row["heard"]),
    )


def heard_document(heard: Heard) -> dict[str, Any]:
    """What was heard as JSON has it."""
    value = heard.value
    return {
        "tier": heard.tier,
        "value": None
        if value is None
        else {"amount": f"{value.amount:f}", "currency": value.currency},
        "owner_id": None if heard.owner_id is None else str(heard.owner_id),
        "missing": list(heard.missing),
    }


def heard_of(document: Mapping[str, Any] | None) -> Heard:
    """What JSON says was heard; nothing before anybody was asked."""
    if document is None:
        return Heard()
    value, owner_id = document["value"], document["owner_id"]
    return Heard(
        tier=document["tier"],
        value=None if value is None else Money(Decimal(value["amount"]), value["currency"]),
        owner_id=None if owner_id is None else UUID(owner_id),
        missing=tuple(document["missing"]),
    )


def need_document(need: Need) -> dict[str, Any]:
    """A need as JSON has it."""
    return {
        "skills": [{"key": one.key, "level": one.level} for one in need.skills],
        "language": need.language,
    }


def need_of(document: Mapping[str, Any] | None) -> Need:
    """The need that JSON has; none before anything was decided."""
    if document is None:
        return Need()
    skills = tuple(Skill(one["key"], one["level"]) for one in document["skills"])
    return Need(skills, document["language"])


def heard_about(reading: Reading | UnitOfWork, ticket_id: UUID) -> Heard:
    """What other services have said last of a ticket's customer."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    row = reading.fetch_one(_HEARD, about)
    return Heard() if row is None else heard_of(row["heard"])


def is_routed(reading: Reading | UnitOfWork) -> bool:
    """Whether a tenant has anything to route by: queues, or thresholds of value."""
    row = reading.fetch_one(_IS_ROUTED, {"tenant_id": reading.caller.tenant_id})
    return row is not None and bool(row["routed"])


def waiting_in(
    reading: Reading | UnitOfWork,
    queue_ids: Collection[UUID],
    most: int,
    *,
    undecided: bool = False,
    besides: Collection[str] = (),
) -> Sequence[Waiting]:
    """Tickets that wait for an agent: the most urgent, then the oldest.

    Those about which is yet to be decided who gets them are among them with `undecided` only; those
    that need what one of `besides` says, as it is written down, are not.
    """
    about = {
        "tenant_id": reading.caller.tenant_id,
        "queue_ids": list(queue_ids),
        "most": most,
        "undecided": undecided,
        "besides": list(besides),
    }
    rows = reading.fetch_all(WAITING, about)
    return [
        Waiting(row["id"], row["queue_id"], need_of(row["need"]), row["written"]) for row in rows
    ]


def _considered_document(one: Considered) -> dict[str, Any]:
    return {
        "routing_rule_id": str(one.routing_rule_id),
        "taken": one.taken,
        "problem": one.problem,
    }


_ONE_AT_A_TIME = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('routing of ' || %(tenant_id)s::text, 0))"
)
_OF_TICKET = "WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
_STATE = Statement(
    "SELECT round, purpose, attempts, barred_id, queue_id, priority, heard FROM ticket_routings"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s FOR UPDATE"
)
_SETTLE = Statement(
    f"UPDATE ticket_routings SET due_at = NULL {_OF_TICKET}"  # noqa: S608 - our own text
    " AND round = %(round)s"
)
_PUT_OFF = Statement(
    f"UPDATE ticket_routings SET due_at = %(until)s {_OF_TICKET}"  # noqa: S608 - our own text
)
_KEEP = Statement(
    "INSERT INTO ticket_routings (tenant_id, ticket_id, round, purpose, due_at, queue_id,"
    " priority, heard, need) VALUES (%(tenant_id)s, %(ticket_id)s, 1, 'appraise',"
    " %(again_at)s, %(queue_id)s, %(priority)s, %(heard)s, %(need)s)"
    " ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET purpose = 'appraise', attempts = 0,"
    " due_at = excluded.due_at, barred_id = NULL, queue_id = excluded.queue_id,"
    " priority = excluded.priority, heard = excluded.heard, need = excluded.need"
)
_HEARD = Statement(f"SELECT heard FROM ticket_routings {_OF_TICKET}")  # noqa: S608 - our own text
_TURN = Statement(
    "INSERT INTO routing_turns (tenant_id, queue_id, agent_id, turn)"
    " SELECT %(tenant_id)s, %(queue_id)s, %(agent_id)s, coalesce(max(turn), 0) + 1"
    " FROM routing_turns WHERE tenant_id = %(tenant_id)s AND queue_id = %(queue_id)s"
    " ON CONFLICT (tenant_id, queue_id, agent_id) DO UPDATE SET turn = excluded.turn"
)
_CLAIM = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND id = %(ticket_id)s"
    " AND assignee_id IS NULL AND status IN ('new', 'open') FOR UPDATE SKIP LOCKED"
)
_IS_ROUTED = Statement(
    "SELECT EXISTS (SELECT FROM queues WHERE tenant_id = %(tenant_id)s) OR EXISTS"
    " (SELECT FROM routing_settings WHERE tenant_id = %(tenant_id)s AND version > 0) AS routed"
)
# Each queue and priority is read from its oldest ticket on, and no further than is asked for.
WAITING = Statement(
    "SELECT w.id, q.queue_id, w.need, w.written FROM unnest(%(queue_ids)s::uuid[]) AS q(queue_id)"
    " CROSS JOIN (VALUES ('urgent', 0), ('high', 1), ('normal', 2), ('low', 3)) AS p(priority, rank)"
    " CROSS JOIN LATERAL (SELECT t.id, t.opened_at, r.need, coalesce(r.need::text, '') AS written"
    " FROM tickets t LEFT JOIN ticket_routings r"
    " ON r.tenant_id = t.tenant_id AND r.ticket_id = t.id"
    " WHERE t.tenant_id = %(tenant_id)s AND t.queue_id = q.queue_id"
    ' AND t.priority = p.priority COLLATE "C"'
    " AND t.assignee_id IS NULL AND t.status IN ('new', 'open')"
    " AND (%(undecided)s OR (r.ticket_id IS NOT NULL AND"
    " (r.due_at IS NULL OR r.purpose = 'appraise')))"
    " AND coalesce(r.need::text, '') <> ALL(%(besides)s::text[])"
    " ORDER BY t.opened_at, t.id LIMIT %(most)s) AS w"
    " ORDER BY p.rank, w.opened_at, w.id LIMIT %(most)s"
)
