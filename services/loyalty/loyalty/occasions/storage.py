"""How occasions are kept: a row each, and one for each year of a member in which one was reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.gifts.documents import document_of as gift_document
from loyalty.gifts.documents import gift_of
from loyalty.gifts.domain import Given
from loyalty.occasions.domain import Celebration, Occasion, OccasionStatus, OccasionTerms

OCCASION_KEY = "occasions_key_unique"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

occasions = sa.Table(
    "occasions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("date_kind", _word, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("resumed_at", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
celebrations = sa.Table(
    "celebrations",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("occasion_id", _uuid, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("due_at", _time, nullable=False),
    sa.Column("reached_at", _time, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("coupon_id", _uuid),
    sa.Column("recognition_id", _uuid),
)
_OWN = ("program_id", "key", "date_kind", "resumed_at", "created_at", "updated_at")
_CELEBRATED = (
    "occasion_id",
    "program_id",
    "member_id",
    "person_id",
    "year",
    "due_at",
    "reached_at",
)


class OccasionsRepository(Repository[Occasion]):
    """Occasions for a change."""

    table = occasions
    kind = "occasion"

    def _aggregate(self, row: sa.RowMapping) -> Occasion:
        return occasion_of(row)

    def _row(self, aggregate: Occasion) -> dict[str, Any]:
        own = {name: getattr(aggregate, name) for name in _OWN}
        return {**own, "status": aggregate.status, "terms": _document(aggregate.terms)}


class CelebrationsRepository(Repository[Celebration]):
    """What was given on occasions; nothing of it changes."""

    table = celebrations
    kind = "celebration"

    def was_kept(
        self, occasion_id: UUID, member_id: UUID, person_id: UUID, year: int, since: datetime
    ) -> bool:
        """Whether it was kept for the member, or another of the person's, in a year or since a time."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "occasion_id": occasion_id,
            "member_id": member_id,
            "person_id": person_id,
            "year": year,
            "since": since,
        }
        return self._tx.fetch_one(_WAS_KEPT, about) is not None

    def _aggregate(self, row: sa.RowMapping) -> Celebration:
        return celebration_of(row)

    def _row(self, aggregate: Celebration) -> dict[str, Any]:
        given = aggregate.given
        return {
            **{name: getattr(aggregate, name) for name in _CELEBRATED},
            "points": given.points,
            "coupon_id": given.coupon_id,
            "recognition_id": given.recognition_id,
        }


def occasion_of(row: Mapping[str, Any] | sa.RowMapping) -> Occasion:
    """The occasion that a row of the table stands for."""
    return Occasion(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _OWN},
        terms=_terms(row["terms"]),
        status=OccasionStatus(row["status"]),
    )


def celebration_of(row: Mapping[str, Any] | sa.RowMapping) -> Celebration:
    """The celebration that a row of the table stands for."""
    return Celebration(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _CELEBRATED},
        given=Given(row["points"], row["coupon_id"], row["recognition_id"]),
    )


def _document(terms: OccasionTerms) -> dict[str, Any]:
    return {
        "name": dict(terms.name),
        "offset_days": terms.offset_days,
        "at": terms.at.isoformat(),
        "late_days": terms.late_days,
        "gift": gift_document(terms.gift),
        "tiers": list(terms.tiers),
    }


def _terms(kept: Mapping[str, Any]) -> OccasionTerms:
    return OccasionTerms(
        name=kept["name"],
        offset_days=kept["offset_days"],
        at=time.fromisoformat(kept["at"]),
        late_days=kept["late_days"],
        gift=gift_of(kept["gift"]),
        tiers=tuple(kept["tiers"]),
    )


_WAS_KEPT = Statement(
    "SELECT id FROM celebrations WHERE tenant_id = %(tenant_id)s AND occasion_id = %(occasion_id)s"
    " AND (member_id = %(member_id)s OR person_id = %(person_id)s)"
    " AND (year = %(year)s OR reached_at > %(since)s) LIMIT 1"
)
