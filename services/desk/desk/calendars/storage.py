"""How business calendars are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.business_hours.domain import AROUND_THE_CLOCK, Holiday, Hours, Interval
from desk.calendars.domain import BusinessCalendar

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

business_calendars = sa.Table(
    "business_calendars",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("time_zone", _word, nullable=False),
    sa.Column("week", sa.JSON, nullable=False),
    sa.Column("holidays", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("name", "created_at", "updated_at", "archived_at")


class BusinessCalendarsRepository(Repository[BusinessCalendar]):
    """Business calendars for a change."""

    table = business_calendars
    kind = "business calendar"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"calendars": 0}
        return int(row["calendars"])

    def _aggregate(self, row: sa.RowMapping) -> BusinessCalendar:
        return calendar_of(row)

    def _row(self, aggregate: BusinessCalendar) -> dict[str, Any]:
        hours = aggregate.hours
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "time_zone": hours.time_zone,
            "week": [_kept(day) for day in hours.week],
            "holidays": [
                {"on": one.on.isoformat(), "name": one.name, "intervals": _kept(one.intervals)}
                for one in hours.holidays
            ],
        }


def calendar_of(row: Mapping[str, Any] | sa.RowMapping) -> BusinessCalendar:
    """The calendar that a row of the table stands for."""
    return BusinessCalendar(
        id=row["id"],
        version=row["version"],
        hours=_hours_of(row),
        **{name: row[name] for name in _OWN},
    )


def hours_by(reading: Reading | UnitOfWork, calendar_id: UUID | None) -> Hours:
    """The hours of a calendar; around the clock for none."""
    if calendar_id is None:
        return AROUND_THE_CLOCK
    about = {"tenant_id": reading.caller.tenant_id, "id": calendar_id}
    row = reading.fetch_one(_HOURS, about)
    return AROUND_THE_CLOCK if row is None else _hours_of(row)


def _hours_of(row: Mapping[str, Any] | sa.RowMapping) -> Hours:
    return Hours(
        row["time_zone"],
        tuple(_day_of(day) for day in row["week"]),
        tuple(
            Holiday(date.fromisoformat(one["on"]), one["name"], _day_of(one["intervals"]))
            for one in row["holidays"]
        ),
    )


def _kept(day: tuple[Interval, ...]) -> list[list[int]]:
    return [[one.start, one.end] for one in day]


def _day_of(kept: list[list[int]]) -> tuple[Interval, ...]:
    return tuple(Interval(start, end) for start, end in kept)


_COUNT = Statement(
    "SELECT count(*) AS calendars FROM business_calendars WHERE tenant_id = %(tenant_id)s"
)
_HOURS = Statement(
    "SELECT time_zone, week, holidays FROM business_calendars"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
