"""How commission plans are kept: a row each, and one for everybody who earns by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.commission_plans.documents import (
    participant_document,
    participant_of,
    terms_document,
    terms_of,
)
from sales.commission_plans.domain import CommissionPlan, PlanDefinition
from sales.periods.domain import PeriodLength

_metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

commission_plans = sa.Table(
    "commission_plans",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("frequency", _word, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("participants", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
participants = sa.Table(
    "commission_participants",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("plan_id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, primary_key=True),
)


class CommissionPlansRepository(Repository[CommissionPlan]):
    """Plans for a change; whether all who earn by one are in reach is checked by who changes it."""

    table = commission_plans
    kind = "commission plan"

    def count(self) -> int:
        """How many there are."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"plans": 0}
        return int(row["plans"])

    def _aggregate(self, row: sa.RowMapping) -> CommissionPlan:
        return plan_of(row)

    def _row(self, aggregate: CommissionPlan) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": definition.name,
            "currency": definition.currency,
            "frequency": definition.frequency,
            "terms": terms_document(definition.terms),
            "valid_from": definition.valid_from,
            "valid_until": definition.valid_until,
            "participants": [participant_document(one) for one in definition.participants],
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _stored(self, aggregate: CommissionPlan, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "plan_id": aggregate.id}
        if not new:
            self._tx.write(_NOBODY, about)
        for one in aggregate.definition.participants:
            self._tx.write(_TAKES_PART, {**about, "user_id": one.user_id})


def plan_of(row: Mapping[str, Any] | sa.RowMapping) -> CommissionPlan:
    """The plan that a row of the table stands for."""
    return CommissionPlan(
        id=row["id"],
        version=row["version"],
        definition=PlanDefinition(
            name=row["name"],
            currency=row["currency"],
            frequency=PeriodLength(row["frequency"]),
            terms=terms_of(row["terms"]),
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            participants=tuple(participant_of(one) for one in row["participants"]),
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


_COUNT = Statement("SELECT count(*) AS plans FROM commission_plans WHERE tenant_id = %(tenant_id)s")
_NOBODY = Statement(
    "DELETE FROM commission_participants WHERE tenant_id = %(tenant_id)s AND plan_id = %(plan_id)s"
)
_TAKES_PART = Statement(
    "INSERT INTO commission_participants (tenant_id, plan_id, user_id)"
    " VALUES (%(tenant_id)s, %(plan_id)s, %(user_id)s)"
)
