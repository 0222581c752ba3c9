"""How territories are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.territories.domain import Criteria, PostalCodes, Territory, TerritoryDefinition

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

territories = sa.Table(
    "territories",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("criteria", sa.JSON, nullable=False),
    sa.Column("user_ids", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_TIMES = ("created_at", "updated_at", "archived_at")


class TerritoriesRepository(Repository[Territory]):
    """Territories for a change."""

    table = territories
    kind = "territory"

    def __init__(self, tx: UnitOfWork) -> None:
        super().__init__(tx)
        self._counting: Sequence[Territory] | None = None

    def in_use(self) -> Sequence[Territory]:
        """Those that count, the oldest first; read once, without a lock."""
        if self._counting is None:
            self._counting = territories_in_use(self._tx)
        return self._counting

    def forget(self) -> None:
        """Drop all that is known: part of the work was undone."""
        super().forget()
        self._counting = None

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"territories": 0}
        return int(row["territories"])

    def _aggregate(self, row: sa.RowMapping) -> Territory:
        return territory_of(row)

    def _row(self, aggregate: Territory) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": definition.name,
            "criteria": document_of(definition.criteria),
            "user_ids": [str(user_id) for user_id in definition.user_ids],
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def territory_of(row: Mapping[str, Any] | sa.RowMapping) -> Territory:
    """The territory that a row of the table stands for."""
    return Territory(
        id=row["id"],
        version=row["version"],
        definition=TerritoryDefinition(
            name=row["name"],
            criteria=criteria_of(row["criteria"]),
            user_ids=tuple(UUID(user_id) for user_id in row["user_ids"]),
        ),
        **{name: row[name] for name in _TIMES},
    )


def territories_in_use(reading: Reading | UnitOfWork) -> Sequence[Territory]:
    """Those that count, the oldest first; read without a lock."""
    rows = reading.fetch_all(_IN_USE, {"tenant_id": reading.caller.tenant_id})
    return [territory_of(row) for row in rows]


def document_of(criteria: Criteria) -> dict[str, Any]:
    """Criteria as JSON has them."""
    return {
        "countries": list(criteria.countries),
        "postal_codes": [{"first": one.first, "last": one.last} for one in criteria.postal_codes],
        "industries": list(criteria.industries),
        "smallest_company": criteria.smallest_company,
        "largest_company": criteria.largest_company,
    }


def criteria_of(document: Mapping[str, Any]) -> Criteria:
    """The criteria that a document gives."""
    return Criteria(
        countries=tuple(document["countries"]),
        postal_codes=tuple(PostalCodes(**one) for one in document["postal_codes"]),
        industries=tuple(document["industries"]),
        smallest_company=document["smallest_company"],
        largest_company=document["largest_company"],
    )


_COUNT = Statement(
    "SELECT count(*) AS territories FROM territories WHERE tenant_id = %(tenant_id)s"
)
_IN_USE = Statement(
    "SELECT id, version, name, criteria, user_ids, created_at, updated_at, archived_at"
    " FROM territories WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " ORDER BY created_at, id"
)
