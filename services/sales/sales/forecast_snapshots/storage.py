"""How snapshots are kept: a row each and one for each person, which nobody can change any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.repository import Repository
from chassis.storage.scope import EVERYTHING, Scope
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.forecast_snapshots.documents import (
    adjusted_document,
    adjusted_of,
    figures_document,
    figures_of,
)
from sales.forecast_snapshots.domain import (
    Cadence,
    ForecastSettings,
    ForecastSnapshot,
    SnapshotLine,
)
from sales.forecasts.domain import Expected
from sales.periods.domain import Period, PeriodLength

_metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")

forecast_settings = sa.Table(
    "forecast_settings",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("cadence", _word, nullable=False),
    sa.Column("lengths", sa.JSON, nullable=False),
)
forecast_snapshots = sa.Table(
    "forecast_snapshots",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("first_on", sa.Date, nullable=False),
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("scheduled", sa.Boolean, nullable=False),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("taken_by", _word, nullable=False),
)
snapshot_lines = sa.Table(
    "forecast_snapshot_lines",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("snapshot_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("user_id", _uuid),
    sa.Column("team_ids", ARRAY(_uuid), nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("adjusted", sa.JSON, nullable=False),
)


_MAKE = Statement(
    "INSERT INTO forecast_settings (tenant_id, id, version, cadence, lengths)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, 'never', '[\"month\", \"quarter\"]')"
    " ON CONFLICT DO NOTHING"
)


class ForecastSettingsRepository(OnePerTenantRepository[ForecastSettings]):
    """A tenant's one settings, under the tenant's own id."""

    table = forecast_settings
    kind = "forecast settings"
    make = _MAKE

    def _aggregate(self, row: sa.RowMapping) -> ForecastSettings:
        return settings_of(row)

    def _row(self, aggregate: ForecastSettings) -> dict[str, Any]:
        return {"cadence": aggregate.cadence, "lengths": list(aggregate.lengths)}


class ForecastSnapshotsRepository(Repository[ForecastSnapshot]):
    """Snapshots, to be added to."""

    table = forecast_snapshots
    kind = "forecast snapshot"

    def _aggregate(self, row: sa.RowMapping) -> ForecastSnapshot:
        return snapshot_of(row, lines_of(self._tx, row["id"], EVERYTHING))

    def _row(self, aggregate: ForecastSnapshot) -> dict[str, Any]:
        return {
            "first_on": aggregate.period.first,
            "last_on": aggregate.period.last,
            "currency": aggregate.currency,
            "scheduled": aggregate.scheduled,
            "taken_at": aggregate.taken_at,
            "taken_by": aggregate.taken_by,
        }

    def _stored(self, aggregate: ForecastSnapshot, *, new: bool) -> None:
        if not new:
            return
        about = {"tenant_id": self._tx.tenant_id, "snapshot_id": aggregate.id}
        for number, line in enumerate(aggregate.lines, 1):
            kept = {
                "number": number,
                "user_id": line.user_id,
                "team_ids": list(line.team_ids),
                "figures": json_text(figures_document(line.expected.figures)),
                "adjusted": json_text(adjusted_document(line.expected.adjusted)),
            }
            self._tx.write(_KEEP_LINE, {**about, **kept})


def settings_of(row: Mapping[str, Any] | sa.RowMapping) -> ForecastSettings:
    """The settings that a row of the table stands for."""
    return ForecastSettings(
        id=row["id"],
        version=row["version"],
        cadence=Cadence(row["cadence"]),
        lengths=tuple(PeriodLength(one) for one in row["lengths"]),
    )


def snapshot_of(
    row: Mapping[str, Any] | sa.RowMapping, lines: Sequence[SnapshotLine]
) -> ForecastSnapshot:
    """The snapshot that a row of the table stands for, with these lines."""
    return ForecastSnapshot(
        id=row["id"],
        version=row["version"],
        period=Period(row["first_on"], row["last_on"]),
        currency=row["currency"],
        scheduled=row["scheduled"],
        taken_at=row["taken_at"],
        taken_by=row["taken_by"],
        lines=tuple(lines),
    )


def lines_of(
    reading: Reading | UnitOfWork, snapshot_id: UUID, scope: Scope
) -> Sequence[SnapshotLine]:
    """The lines of a snapshot that are within reach."""
    columns = snapshot_lines.c
    statement = (
        sa.select(columns.user_id, columns.team_ids, columns.figures, columns.adjusted)
        .where(columns.tenant_id == reading.caller.tenant_id, columns.snapshot_id == snapshot_id)
        .order_by(columns.number)
    )
    rows = reading.connection.execute(scope.narrow(statement, columns.user_id)).mappings()
    return [
        SnapshotLine(
            user_id=row["user_id"],
            team_ids=tuple(row["team_ids"]),
            expected=Expected(figures_of(row["figures"]), adjusted_of(row["adjusted"])),
        )
        for row in rows
    ]


def teams_cut(reading: Reading, snapshot_id: UUID) -> frozenset[UUID]:
    """The teams of a snapshot with people who are out of reach: of them no sum is told."""
    lines = lines_of(reading, snapshot_id, EVERYTHING)
    return frozenset(
        team for line in lines if not reading.scope.allows(line.user_id) for team in line.team_ids
    )


_KEEP_LINE = Statement(
    "INSERT INTO forecast_snapshot_lines"
    " (tenant_id, snapshot_id, number, user_id, team_ids, figures, adjusted)"
    " VALUES (%(tenant_id)s, %(snapshot_id)s, %(number)s, %(user_id)s, %(team_ids)s,"
    " %(figures)s, %(adjusted)s)"
)
