"""How activities are kept: a row each, with what is planned as a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from loyalty.activities.domain import Activity, ActivityStatus, ActivityTerms, AttendedBy, Venue
from loyalty.gifts.documents import document_of as gift_document
from loyalty.gifts.documents import gift_of

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

activities = sa.Table(
    "activities",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("starts_at", _time, nullable=False),
    sa.Column("ends_at", _time, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("secret", _word, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_OWN = ("program_id", "secret", "created_at", "updated_at")
_PLAIN = (
    "time_zone",
    "place",
    "link",
    "capacity",
    "waiting_places",
    "check_in_minutes",
    "refresh_months",
    "refresh_template",
)


class ActivitiesRepository(Repository[Activity]):
    """Activities for a change."""

    table = activities
    kind = "activity"

    def _aggregate(self, row: sa.RowMapping) -> Activity:
        return activity_of(row)

    def _row(self, aggregate: Activity) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "kind": terms.kind,
            "status": aggregate.status,
            "starts_at": terms.starts_at,
            "ends_at": terms.ends_at,
            "terms": _document(terms),
        }


def activity_of(row: Mapping[str, Any] | sa.RowMapping) -> Activity:
    """The activity that a row of the table stands for."""
    return Activity(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _OWN},
        terms=_terms(row),
        status=ActivityStatus(row["status"]),
    )


def _document(terms: ActivityTerms) -> dict[str, Any]:
    return {
        **{name: getattr(terms, name) for name in _PLAIN},
        "title": dict(terms.title),
        "description": dict(terms.description),
        "venue": terms.venue.value,
        "opens_at": _kept(terms.opens_at),
        "closes_at": _kept(terms.closes_at),
        "tiers": list(terms.tiers),
        "gift": gift_document(terms.gift),
        "attended_by": terms.attended_by.value,
    }


def _terms(row: Mapping[str, Any] | sa.RowMapping) -> ActivityTerms:
    kept = row["terms"]
    return ActivityTerms(
        **{name: kept[name] for name in _PLAIN},
        kind=row["kind"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        title=kept["title"],
        description=kept["description"],
        venue=Venue(kept["venue"]),
        opens_at=_time_of(kept["opens_at"]),
        closes_at=_time_of(kept["closes_at"]),
        tiers=tuple(kept["tiers"]),
        gift=gift_of(kept["gift"]),
        attended_by=AttendedBy(kept["attended_by"]),
    )


def _kept(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time_of(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
