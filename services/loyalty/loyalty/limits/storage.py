"""How limits, what is counted by them, and reviews are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.limits.domain import (
    LONGEST_WINDOW,
    Act,
    Measure,
    Response,
    ReviewStatus,
    Scope,
    VelocityReview,
    VelocityRule,
    VelocityTerms,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

velocity_rules = sa.Table(
    "velocity_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("act", _word, nullable=False),
    sa.Column("measure", _word, nullable=False),
    sa.Column("scope", _word, nullable=False),
    sa.Column("most", sa.BigInteger, nullable=False),
    sa.Column("window_minutes", sa.Integer, nullable=False),
    sa.Column("response", _word, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
velocity_reviews = sa.Table(
    "velocity_reviews",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("rule_id", _uuid, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid),
    sa.Column("act", _word, nullable=False),
    sa.Column("subject", _word, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("measured", sa.BigInteger, nullable=False),
    sa.Column("most", sa.BigInteger, nullable=False),
    sa.Column("response", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_by", _word),
    sa.Column("decided_at", _time),
    sa.Column("created_at", _time, nullable=False),
)
_TERMS = ("name", "most", "window_minutes", "active")
_REVIEW = ("rule_id", "program_id", "member_id", "subject", "key", "points", "measured", "most")
_DECISION = ("reason", "decided_by", "decided_at", "created_at")


class VelocityRulesRepository(Repository[VelocityRule]):
    """Limits for a change."""

    table = velocity_rules
    kind = "velocity rule"

    def _aggregate(self, row: sa.RowMapping) -> VelocityRule:
        return velocity_rule_of(row)

    def _row(self, aggregate: VelocityRule) -> dict[str, Any]:
        own = ("program_id", "created_at", "updated_at")
        terms = (*_TERMS, "act", "measure", "scope", "response")
        return {
            **{name: getattr(aggregate, name) for name in own},
            **{name: getattr(aggregate.terms, name) for name in terms},
        }


class VelocityReviewsRepository(Repository[VelocityReview]):
    """Reviews for a change."""

    table = velocity_reviews
    kind = "velocity review"

    def _aggregate(self, row: sa.RowMapping) -> VelocityReview:
        return review_of(row)

    def _row(self, aggregate: VelocityReview) -> dict[str, Any]:
        words = ("act", "response", "status")
        return {name: getattr(aggregate, name) for name in (*_REVIEW, *_DECISION, *words)}


def velocity_rule_of(row: Mapping[str, Any] | sa.RowMapping) -> VelocityRule:
    """The limit that a row stands for."""
    own = ("id", "version", "program_id", "created_at", "updated_at")
    return VelocityRule(
        **{name: row[name] for name in own},
        terms=VelocityTerms(
            **{name: row[name] for name in _TERMS},
            act=Act(row["act"]),
            measure=Measure(row["measure"]),
            scope=Scope(row["scope"]),
            response=Response(row["response"]),
        ),
    )


def review_of(row: Mapping[str, Any] | sa.RowMapping) -> VelocityReview:
    """The review that a row stands for."""
    return VelocityReview(
        **{name: row[name] for name in ("id", "version", *_REVIEW, *_DECISION)},
        act=Act(row["act"]),
        response=Response(row["response"]),
        status=ReviewStatus(row["status"]),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """One of a scope, of whom an act of a program is counted."""

    program_id: UUID
    act: Act
    scope: Scope
    subject: str

    def about(self, tx: UnitOfWork) -> dict[str, Any]:
        """The parameters of statements about it."""
        words = {"act": self.act, "scope": self.scope, "subject": self.subject}
        return {"tenant_id": tx.tenant_id, "program_id": self.program_id, **words}

    def lock(self, tx: UnitOfWork) -> None:
        """Have nobody else count for the same until the transaction ends."""
        parts = (tx.tenant_id, self.program_id, self.act, self.scope, self.subject)
        tx.fetch_one(_LOCK, {"name": " ".join(("velocity", *map(str, parts)))})


def limits_on(tx: UnitOfWork, program_id: UUID, act: Act) -> Sequence[VelocityRule]:
    """The limits of a program on an act that are in force, the oldest first."""
    about = {"tenant_id": tx.tenant_id, "program_id": program_id, "act": act}
    return [velocity_rule_of(row) for row in tx.fetch_all(_LIMITS, about)]


def done_within(
    tx: UnitOfWork, counted: Counted, key: str, window: timedelta
) -> Mapping[Measure, int]:
    """What was done within a window that ends now, without the act of the key itself."""
    about = {**counted.about(tx), "key": key, "since": tx.clock.now() - window}
    row = tx.fetch_one(_DONE, about) or {"times": 0, "points": 0}
    return {Measure.TIMES: row["times"], Measure.POINTS: int(row["points"])}


def note_act(tx: UnitOfWork, counted: Counted, key: str, points: int) -> None:
    """Note that an act is done now, once for its key; what no window reaches back to goes."""
    about, now = counted.about(tx), tx.clock.now()
    tx.write(_NOTE, {**about, "key": key, "points": points, "at": now})
    tx.write(_FORGET, {**about, "before": now - LONGEST_WINDOW})


def review_for(tx: UnitOfWork, program_id: UUID, act: Act, key: str) -> VelocityReview | None:
    """The review that was opened for an act by a limit of a program, if one was."""
    tx.flush()
    about = {"tenant_id": tx.tenant_id, "program_id": program_id, "act": act, "key": key}
    row = tx.fetch_one(_REVIEW_FOR, about)
    return None if row is None else review_of(row)


_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))")
_LIMITS = Statement(
    "SELECT * FROM velocity_rules WHERE tenant_id = %(tenant_id)s"
    " AND program_id = %(program_id)s AND act = %(act)s AND active ORDER BY id"
)
_SAME = (
    " WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s AND act = %(act)s"
    " AND scope = %(scope)s AND subject = %(subject)s"
)
_DONE = Statement(
    "SELECT count(*) AS times, coalesce(sum(points), 0) AS points FROM velocity_acts"  # noqa: S608
    + _SAME
    + " AND at > %(since)s AND key <> %(key)s"
)
_NOTE = Statement(
    "INSERT INTO velocity_acts (tenant_id, program_id, act, scope, subject, key, points, at)"
    " VALUES (%(tenant_id)s, %(program_id)s, %(act)s, %(scope)s, %(subject)s, %(key)s,"
    " %(points)s, %(at)s) ON CONFLICT DO NOTHING"
)
_FORGET = Statement("DELETE FROM velocity_acts" + _SAME + " AND at < %(before)s")  # noqa: S608
_REVIEW_FOR = Statement(
    "SELECT * FROM velocity_reviews WHERE tenant_id = %(tenant_id)s"
    " AND program_id = %(program_id)s AND act = %(act)s AND key = %(key)s"
    " ORDER BY id DESC LIMIT 1"
)
