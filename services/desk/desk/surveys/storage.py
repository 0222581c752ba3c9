"""How surveys are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.surveys.domain import FollowUp, Survey, SurveyKind, SurveyTerms
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

surveys = sa.Table(
    "surveys",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("condition", _word, nullable=False),
    sa.Column("question", sa.JSON, nullable=False),
    sa.Column("delay_minutes", sa.Integer, nullable=False),
    sa.Column("rest_days", sa.Integer, nullable=False),
    sa.Column("every_months", sa.Integer, nullable=False),
    sa.Column("active_months", sa.Integer, nullable=False),
    sa.Column("expires_days", sa.Integer, nullable=False),
    sa.Column("purpose", _word, nullable=False),
    sa.Column("follow_up", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("created_at", "updated_at", "archived_at")
_TERMS = tuple(one for one in SurveyTerms.__dataclass_fields__ if one != "follow_up")


class SurveysRepository(Repository[Survey]):
    """Surveys for a change."""

    table = surveys
    kind = "survey"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"surveys": 0}
        return int(row["surveys"])

    def _aggregate(self, row: sa.RowMapping) -> Survey:
        return survey_of(row)

    def _row(self, aggregate: Survey) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            **{name: getattr(aggregate, name) for name in (*_OWN, "kind")},
            **{name: getattr(terms, name) for name in _TERMS},
            "question": dict(terms.question),
            "follow_up": _kept(terms.follow_up),
        }


def survey_of(row: Mapping[str, Any] | sa.RowMapping) -> Survey:
    """The survey that a row of the table stands for."""
    kept = row["follow_up"]
    follow_up = None
    if kept:
        queue_id, assignee_id = _id(kept["queue_id"]), _id(kept.get("assignee_id"))
        follow_up = FollowUp(kept["up_to"], queue_id, Priority(kept["priority"]), assignee_id)
    return Survey(
        id=row["id"],
        version=row["version"],
        kind=SurveyKind(row["kind"]),
        terms=SurveyTerms(follow_up=follow_up, **{name: row[name] for name in _TERMS}),
        **{name: row[name] for name in _OWN},
    )


def surveys_in_use(reading: Reading | UnitOfWork, kind: SurveyKind) -> Sequence[Survey]:
    """The surveys of a kind that customers are asked by, in their order."""
    about = {"tenant_id": reading.caller.tenant_id, "kind": kind}
    return [survey_of(row) for row in reading.fetch_all(_IN_USE, about)]


def survey_or_none(reading: Reading | UnitOfWork, survey_id: UUID) -> Survey | None:
    """A survey as it is, without a lock."""
    about = {"tenant_id": reading.caller.tenant_id, "id": survey_id}
    row = reading.fetch_one(_ONE, about)
    return None if row is None else survey_of(row)


def _kept(follow_up: FollowUp | None) -> dict[str, Any]:
    if follow_up is None:
        return {}
    return {
        "up_to": follow_up.up_to,
        "queue_id": _text(follow_up.queue_id),
        "priority": follow_up.priority,
        "assignee_id": _text(follow_up.assignee_id),
    }


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _text(of: UUID | None) -> str | None:
    return None if of is None else str(of)


_COUNT = Statement("SELECT count(*) AS surveys FROM surveys WHERE tenant_id = %(tenant_id)s")
_IN_USE = Statement(
    "SELECT * FROM surveys WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s"
    " AND archived_at IS NULL ORDER BY position, id"
)
_ONE = Statement("SELECT * FROM surveys WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
