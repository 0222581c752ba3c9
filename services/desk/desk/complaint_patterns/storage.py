"""How it is kept of which complaints were too many, and how many that is for a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.complaint_patterns.domain import ComplaintPattern, ComplaintSettings, Measure

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

complaint_patterns = sa.Table(
    "complaint_patterns",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("dimension", _word, nullable=False),
    sa.Column("value", _word, nullable=False),
    sa.Column("repeated_at", _time),
)
complaint_settings = sa.Table(
    "complaint_settings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("threshold", sa.Integer, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
)


class ComplaintPatternsRepository(Repository[ComplaintPattern]):
    """What complaints have in common, for a change."""

    table = complaint_patterns
    kind = "complaint pattern"

    def of(self, dimension: str, value: str) -> ComplaintPattern:
        """The pattern of one value, locked: whoever counts at the same time takes turns."""
        about = {"tenant_id": self._tx.tenant_id, "dimension": dimension, "value": value}
        # Not among the writes that wait: the row is read at once.
        self._tx.fetch_one(_MAKE, {**about, "id": self._tx.ids.new()})
        row = self._tx.fetch_one(_OF, about)
        if row is None:
            raise RuntimeError("the pattern was not made")
        return self.get(row["id"])

    def _aggregate(self, row: sa.RowMapping) -> ComplaintPattern:
        names = ("id", "version", "dimension", "value", "repeated_at")
        return ComplaintPattern(**{name: row[name] for name in names})

    def _row(self, aggregate: ComplaintPattern) -> dict[str, Any]:
        names = ("dimension", "value", "repeated_at")
        return {name: getattr(aggregate, name) for name in names}


class ComplaintSettingsRepository(OnePerTenantRepository[ComplaintSettings]):
    """A tenant's one settings for a change."""

    table = complaint_settings
    kind = "complaint settings"
    make = Statement(
        "INSERT INTO complaint_settings (tenant_id, id, version, threshold, days)"
        " VALUES (%(tenant_id)s, %(tenant_id)s, 0, %(threshold)s, %(days)s) ON CONFLICT DO NOTHING"
    )
    at_first: ClassVar[Mapping[str, Any]] = {
        name: getattr(Measure(), name) for name in ("threshold", "days")
    }

    def _aggregate(self, row: sa.RowMapping) -> ComplaintSettings:
        measure = Measure(row["threshold"], row["days"])
        return ComplaintSettings(id=row["id"], version=row["version"], measure=measure)

    def _row(self, aggregate: ComplaintSettings) -> dict[str, Any]:
        return {"threshold": aggregate.measure.threshold, "days": aggregate.measure.days}


def settings_of(reading: Reading | UnitOfWork) -> ComplaintSettings:
    """The tenant's settings to go by, without a lock; those of all when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    row = reading.fetch_one(_SETTINGS, {"tenant_id": tenant_id})
    if row is None:
        return ComplaintSettings(id=tenant_id)
    measure = Measure(row["threshold"], row["days"])
    return ComplaintSettings(id=tenant_id, version=row["version"], measure=measure)


_MAKE = Statement(
    "INSERT INTO complaint_patterns (tenant_id, id, version, dimension, value)"
    " VALUES (%(tenant_id)s, %(id)s, 0, %(dimension)s, %(value)s)"
    " ON CONFLICT DO NOTHING RETURNING id"
)
_OF = Statement(
    "SELECT id FROM complaint_patterns WHERE tenant_id = %(tenant_id)s"
    " AND dimension = %(dimension)s AND value = %(value)s"
)
_SETTINGS = Statement(
    "SELECT version, threshold, days FROM complaint_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
