"""How activities are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.activities.domain import Activity, ActivityDetails, ActivityState, Origin, Result
from sales.pipelines.domain import ActivityKind

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

activities = sa.Table(
    "activities",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("owner_id", _uuid),
    sa.Column("due_at", _time),
    sa.Column("remind_at", _time),
    sa.Column("reminded_at", _time),
    sa.Column("opportunity_id", _uuid),
    sa.Column("lead_id", _uuid),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("playbook_id", _uuid),
    sa.Column("playbook_step", _word),
    sa.Column("playbook_entry", sa.Integer),
    sa.Column("outcome", _word),
    sa.Column("note", sa.Text),
    sa.Column("minutes", sa.Integer),
    sa.Column("completed_at", _time),
    sa.Column("completed_by", sa.Text),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_DETAILS = (
    "subject",
    "description",
    "owner_id",
    "due_at",
    "remind_at",
    "opportunity_id",
    "lead_id",
    "person_id",
    "company_id",
)
_OWN = ("created_at", "updated_at", "completed_at", "completed_by", "reminded_at")


class ActivitiesRepository(Repository[Activity]):
    """Activities for a change."""

    table = activities
    kind = "activity"
    owner: ClassVar[str | None] = "owner_id"

    def _aggregate(self, row: sa.RowMapping) -> Activity:
        return activity_of(row)

    def _row(self, aggregate: Activity) -> dict[str, Any]:
        details, origin, result = aggregate.details, aggregate.origin, aggregate.result
        return {
            "kind": details.kind,
            "state": aggregate.state,
            **{name: getattr(details, name) for name in _DETAILS},
            **{name: getattr(aggregate, name) for name in _OWN},
            "playbook_id": None if origin is None else origin.playbook_id,
            "playbook_step": None if origin is None else origin.step,
            "playbook_entry": None if origin is None else origin.entry,
            "outcome": None if result is None else result.outcome,
            "note": None if result is None else result.note,
            "minutes": None if result is None else result.minutes,
        }


def activity_of(row: Mapping[str, Any] | sa.RowMapping) -> Activity:
    """The activity that a row of the table stands for."""
    playbook_id, outcome = row["playbook_id"], row["outcome"]
    return Activity(
        id=row["id"],
        version=row["version"],
        details=ActivityDetails(
            kind=ActivityKind(row["kind"]), **{name: row[name] for name in _DETAILS}
        ),
        state=ActivityState(row["state"]),
        **{name: row[name] for name in _OWN},
        origin=(
            None
            if playbook_id is None
            else Origin(playbook_id, row["playbook_step"], row["playbook_entry"])
        ),
        result=None if outcome is None else Result(outcome, row["note"], row["minutes"]),
    )


def completed_kinds(reading: Reading | UnitOfWork, opportunity_id: UUID) -> dict[ActivityKind, int]:
    """How many activities of each kind were completed for an opportunity, whoever's they are.

    What was done about the lead that it has come of counts as well.
    """
    about = {"tenant_id": reading.caller.tenant_id, "opportunity_id": opportunity_id}
    return {ActivityKind(row["kind"]): row["done"] for row in reading.fetch_all(_DONE, about)}


_DONE = Statement(
    "SELECT kind, count(*) AS done FROM activities WHERE tenant_id = %(tenant_id)s"
    " AND (opportunity_id = %(opportunity_id)s OR lead_id = (SELECT lead_id FROM opportunities"
    " WHERE tenant_id = %(tenant_id)s AND id = %(opportunity_id)s))"
    " AND state = 'done' GROUP BY kind ORDER BY kind"
)
