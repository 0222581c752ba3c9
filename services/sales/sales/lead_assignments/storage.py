"""How assignments are kept, and what is counted to choose by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.colleagues.availability import unavailable
from sales.companies.owners import owner_of
from sales.lead_assignments.domain import Considered, LeadAssignment, PoolReason, Skipped
from sales.territories.domain import Territory

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

lead_assignments = sa.Table(
    "lead_assignments",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("lead_id", _uuid, nullable=False),
    sa.Column("assignment_rule_id", _uuid),
    sa.Column("territory_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("previous_owner_id", _uuid),
    sa.Column("reason", _word, nullable=False),
    sa.Column("considered", sa.JSON, nullable=False),
    sa.Column("assigned_at", _time, nullable=False),
    sa.Column("contact_due_at", _time),
    sa.Column("missed_at", _time),
    sa.Column("promise_ended_at", _time),
    sa.Column("taken_over", sa.Boolean, nullable=False),
)
_OWN = (
    "lead_id",
    "assignment_rule_id",
    "territory_id",
    "owner_id",
    "previous_owner_id",
    "assigned_at",
    "contact_due_at",
    "missed_at",
    "promise_ended_at",
    "taken_over",
)


class LeadAssignmentsRepository(Repository[LeadAssignment]):
    """Assignments for a change; a lead's are changed by whoever has the lead locked."""

    table = lead_assignments
    kind = "lead assignment"

    def broken_by(self, lead_id: UUID) -> Sequence[UUID]:
        """Who has broken a promise about a lead, once for each, the first one first."""
        about = {"tenant_id": self._tx.tenant_id, "lead_id": lead_id}
        return [row["owner_id"] for row in self._tx.fetch_all(_BROKEN, about)]

    def last_promise(self, lead_id: UUID) -> LeadAssignment | None:
        """The last assignment of a lead that came with a promise of first contact."""
        about = {"tenant_id": self._tx.tenant_id, "lead_id": lead_id}
        self._tx.flush()
        ids = [row["id"] for row in self._tx.fetch_all(_LAST_PROMISE, about)]
        return next(iter(self.get_many(ids)), None)

    def _aggregate(self, row: sa.RowMapping) -> LeadAssignment:
        return assignment_of(row)

    def _row(self, aggregate: LeadAssignment) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "reason": aggregate.reason or "",
            "considered": [document_of(one) for one in aggregate.considered],
        }


class TenantWorkforce:
    """Who is there to take leads: a `Workforce` that counts in the database.

    What it says holds until the commit for whoever assigns one at a time.
    """

    def __init__(self, reading: Reading | UnitOfWork, territories: Sequence[Territory]) -> None:
        self._reading = reading
        self.territories = territories

    def owner_of(self, company_id: UUID) -> UUID | None:
        """Whose account a company is."""
        return owner_of(self._reading, company_id)

    def unavailable(self, user_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Those who can take nothing new today, in UTC, each with why."""
        today = self._reading.clock.now().astimezone(UTC).date()
        return unavailable(self._reading, user_ids, today)

    def open_leads(self, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """How many open leads each has."""
        rows = self._reading.fetch_all(OPEN_LEADS, self._about(user_ids))
        return {row["owner_id"]: row["leads"] for row in rows}

    def turns(self, assignment_rule_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """When it was each one's turn last."""
        about = {**self._about(user_ids), "assignment_rule_id": assignment_rule_id}
        return {row["user_id"]: row["turn"] for row in self._reading.fetch_all(_TURNS, about)}

    def _about(self, user_ids: Collection[UUID]) -> dict[str, Any]:
        return {"tenant_id": self._reading.caller.tenant_id, "user_ids": list(user_ids)}


def assignment_of(row: Mapping[str, Any] | sa.RowMapping) -> LeadAssignment:
    """The assignment that a row of the table stands for."""
    return LeadAssignment(
        id=row["id"],
        version=row["version"],
        reason=PoolReason(row["reason"]) if row["reason"] else None,
        considered=tuple(_considered_of(one) for one in row["considered"]),
        **{name: row[name] for name in _OWN},
    )


def document_of(one: Considered) -> dict[str, Any]:
    """A rule that was tried, as JSON has it."""
    return {
        "assignment_rule_id": str(one.assignment_rule_id),
        "taken": one.taken,
        "unmet": list(one.unmet),
        "skipped": [
            {"user_id": str(skipped.user_id), "because": skipped.because} for skipped in one.skipped
        ],
    }


def _considered_of(document: Mapping[str, Any]) -> Considered:
    return Considered(
        assignment_rule_id=UUID(document["assignment_rule_id"]),
        taken=document["taken"],
        unmet=tuple(document["unmet"]),
        skipped=tuple(Skipped(UUID(one["user_id"]), one["because"]) for one in document["skipped"]),
    )


_BROKEN = Statement(
    "SELECT owner_id FROM lead_assignments WHERE tenant_id = %(tenant_id)s"
    " AND lead_id = %(lead_id)s AND missed_at IS NOT NULL ORDER BY assigned_at, id"
)
_LAST_PROMISE = Statement(
    "SELECT id FROM lead_assignments WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    " AND contact_due_at IS NOT NULL ORDER BY assigned_at DESC, id DESC LIMIT 1"
)
OPEN_LEADS = Statement(
    "SELECT owner_id, count(*) AS leads FROM leads WHERE tenant_id = %(tenant_id)s"
    " AND owner_id = ANY(%(user_ids)s) AND state = 'open' GROUP BY owner_id"
)
_TURNS = Statement(
    "SELECT user_id, turn FROM assignment_turns WHERE tenant_id = %(tenant_id)s"
    " AND assignment_rule_id = %(assignment_rule_id)s AND user_id = ANY(%(user_ids)s)"
)
