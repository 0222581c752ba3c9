"""How root causes are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.complaint_causes.domain import ComplaintCause

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
CAUSE_KEY = "complaint_causes_key_unique"

complaint_causes = sa.Table(
    "complaint_causes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("key", "created_at", "updated_at", "archived_at")


class ComplaintCausesRepository(Repository[ComplaintCause]):
    """Root causes for a change."""

    table = complaint_causes
    kind = "complaint cause"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"causes": 0}
        return int(row["causes"])

    def is_in_use(self, key: str) -> bool:
        """Whether complaints can be put down to it."""
        about = {"tenant_id": self._tx.tenant_id, "key": key}
        return self._tx.fetch_one(_IN_USE, about) is not None

    def _aggregate(self, row: sa.RowMapping) -> ComplaintCause:
        return cause_of(row)

    def _row(self, aggregate: ComplaintCause) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "name": dict(aggregate.name),
        }


def cause_of(row: Mapping[str, Any] | sa.RowMapping) -> ComplaintCause:
    """The cause that a row of the table stands for."""
    own = {name: row[name] for name in ("id", "version", "name", *_OWN)}
    return ComplaintCause(**own)


_COUNT = Statement(
    "SELECT count(*) AS causes FROM complaint_causes WHERE tenant_id = %(tenant_id)s"
)
_IN_USE = Statement(
    "SELECT id FROM complaint_causes WHERE tenant_id = %(tenant_id)s AND key = %(key)s"
    " AND archived_at IS NULL"
)
