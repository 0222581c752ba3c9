"""How reasons are kept: one row each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.reasons.domain import Reason, ReasonKind

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

reasons = sa.Table(
    "reasons",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text(collation="C"), nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("kind", "key", "name", "created_at", "updated_at", "archived_at")


class ReasonsRepository(Repository[Reason]):
    """Reasons for a change, and the question whether one may be given."""

    table = reasons
    kind = "reason"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"reasons": 0}
        return int(row["reasons"])

    def state_of(self, kind: ReasonKind, key: str) -> str | None:
        """`active`, `archived`, or None when there is no such reason."""
        about = {"tenant_id": self._tx.tenant_id, "kind": kind, "key": key}
        row = self._tx.fetch_one(_ONE, about)
        if row is None:
            return None
        return "active" if row["archived_at"] is None else "archived"

    def add_unless_there(self, reason: Reason) -> None:
        """Have a reason stored if none has its kind and key."""
        if self.state_of(reason.kind, reason.key) is None:
            self.add(reason)

    def _aggregate(self, row: sa.RowMapping) -> Reason:
        own = {name: row[name] for name in _OWN}
        return Reason(
            id=row["id"], version=row["version"], **{**own, "kind": ReasonKind(row["kind"])}
        )

    def _row(self, aggregate: Reason) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


_COUNT = Statement("SELECT count(*) AS reasons FROM reasons WHERE tenant_id = %(tenant_id)s")
_ONE = Statement(
    "SELECT archived_at FROM reasons"
    " WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s AND key = %(key)s"
)
