"""How absences are kept: one row each."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from sales.absences.domain import Absence

_uuid = PgUUID(as_uuid=True)

absences = sa.Table(
    "absences",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)
_OWN = ("user_id", "first_day", "last_day", "created_at")


class AbsencesRepository(Repository[Absence]):
    """Absences for a change."""

    table = absences
    kind = "absence"
    owner: ClassVar[str | None] = "user_id"

    def _aggregate(self, row: sa.RowMapping) -> Absence:
        own = {name: row[name] for name in _OWN}
        return Absence(id=row["id"], version=row["version"], **own)

    def _row(self, aggregate: Absence) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}
