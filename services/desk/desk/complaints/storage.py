"""How complaints are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.complaints.domain import (
    Complaint,
    ComplaintStatus,
    Findings,
    Prevention,
    Remedy,
    Severity,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
COMPLAINT_ONCE = "complaints_ticket_unique"

complaints = sa.Table(
    "complaints",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("category", _word, nullable=False),
    sa.Column("severity", _word, nullable=False),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("process", _word, nullable=False),
    sa.Column("cause", _word, nullable=False),
    sa.Column("remedy", _word, nullable=False),
    sa.Column("remedy_text", _word, nullable=False),
    sa.Column("cost_amount", sa.Numeric(22, 4)),
    sa.Column("cost_currency", _word, nullable=False),
    sa.Column("prevention_action", _word, nullable=False),
    sa.Column("prevention_owner_id", _uuid),
    sa.Column("prevention_due_on", sa.Date),
    sa.Column("opened_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("closed_at", _time),
    sa.Column("closed_by", _word, nullable=False),
    sa.Column("withdrawn_reason", _word, nullable=False),
    sa.Column("prevented_at", _time),
)
_OWN = (
    "ticket_id",
    "opened_at",
    "updated_at",
    "closed_at",
    "closed_by",
    "withdrawn_reason",
    "prevented_at",
)
_PLAIN = ("category", "product_sku", "process", "cause", "remedy_text")
DIMENSIONS: Mapping[str, sa.Column[Any]] = {
    "product": complaints.c.product_sku,
    "cause": complaints.c.cause,
    "process": complaints.c.process,
}
"""What complaints may have in common."""


class ComplaintsRepository(Repository[Complaint]):
    """Complaints for a change."""

    table = complaints
    kind = "complaint"

    def of_ticket(self, ticket_id: UUID) -> Complaint | None:
        """The complaint of a ticket, whosever it is; None when it has none."""
        self._tx.flush()
        about = {"tenant_id": self._tx.tenant_id, "ticket_id": ticket_id}
        row = self._tx.fetch_one(_OF_TICKET, about)
        return None if row is None else self.get(row["id"])

    def alike(self, dimension: str, value: str, since: datetime, but_for: UUID) -> int:
        """How many others have something in common, of those since then that count."""
        about = {"value": value, "since": since, "but_for": but_for}
        row = self._tx.fetch_one(_ALIKE[dimension], {"tenant_id": self._tx.tenant_id, **about})
        return 0 if row is None else int(row["others"])

    def _aggregate(self, row: sa.RowMapping) -> Complaint:
        return complaint_of(row)

    def _row(self, aggregate: Complaint) -> dict[str, Any]:
        found = aggregate.findings
        cost, prevention = found.cost, found.prevention
        return {
            **{name: getattr(aggregate, name) for name in (*_OWN, "status")},
            **{name: getattr(found, name) for name in (*_PLAIN, "severity", "remedy")},
            "cost_amount": None if cost is None else cost.amount,
            "cost_currency": "" if cost is None else cost.currency,
            "prevention_action": prevention.action,
            "prevention_owner_id": prevention.owner_id,
            "prevention_due_on": prevention.due_on,
        }


def complaint_of(row: Mapping[str, Any] | sa.RowMapping) -> Complaint:
    """The complaint that a row of the table stands for."""
    amount, currency = row["cost_amount"], row["cost_currency"]
    findings = Findings(
        severity=Severity(row["severity"]),
        remedy=Remedy(row["remedy"]),
        cost=None if amount is None else Money(rounded(amount, currency), currency),
        prevention=Prevention(
            row["prevention_action"], row["prevention_owner_id"], row["prevention_due_on"]
        ),
        **{name: row[name] for name in _PLAIN},
    )
    return Complaint(
        id=row["id"],
        version=row["version"],
        status=ComplaintStatus(row["status"]),
        findings=findings,
        **{name: row[name] for name in _OWN},
    )


_OF_TICKET = Statement(
    "SELECT id FROM complaints WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
)
_ALIKE = {
    name: Statement(
        "SELECT count(*) AS others FROM complaints WHERE tenant_id = %(tenant_id)s"  # noqa: S608
        f" AND {column.name} = %(value)s AND opened_at > %(since)s"
        " AND status <> 'withdrawn' AND id <> %(but_for)s"
    )
    for name, column in DIMENSIONS.items()
}
