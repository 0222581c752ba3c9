"""How approval rules are kept: one row each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.quote_approvals.domain import ApprovalRule, Approvers

_uuid = PgUUID(as_uuid=True)

quote_approval_rules = sa.Table(
    "quote_approval_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("over_percent", sa.Numeric(7, 4), nullable=False),
    sa.Column("role_id", _uuid),
    sa.Column("user_id", _uuid),
    sa.Column("deputy_id", _uuid),
    sa.Column("manager", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)
_APPROVERS = ("role_id", "user_id", "deputy_id", "manager")


class ApprovalRulesRepository(Repository[ApprovalRule]):
    """Approval rules for a change, and those that a discount calls for."""

    table = quote_approval_rules
    kind = "approval rule"

    def count(self) -> int:
        """How many there are."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"rules": 0}
        return int(row["rules"])

    def called_for(self, percent: Decimal) -> Sequence[ApprovalRule]:
        """The rules that a discount of so many percent exceeds, the lowest limit first.

        Until the commit none of them goes, so that nothing waits for a rule that is gone.
        """
        about = {"tenant_id": self._tx.tenant_id, "percent": percent}
        return [self._aggregate(row) for row in self._tx.fetch_all(_CALLED_FOR, about)]  # type: ignore[arg-type]

    def _aggregate(self, row: sa.RowMapping) -> ApprovalRule:
        return ApprovalRule(
            id=row["id"],
            version=row["version"],
            name=row["name"],
            over_percent=row["over_percent"],
            approvers=Approvers(**{name: row[name] for name in _APPROVERS}),
            created_at=row["created_at"],
        )

    def _row(self, aggregate: ApprovalRule) -> dict[str, Any]:
        return {
            "name": aggregate.name,
            "over_percent": aggregate.over_percent,
            **{name: getattr(aggregate.approvers, name) for name in _APPROVERS},
            "created_at": aggregate.created_at,
        }


_COUNT = Statement(
    "SELECT count(*) AS rules FROM quote_approval_rules WHERE tenant_id = %(tenant_id)s"
)
_CALLED_FOR = Statement(
    "SELECT id, version, name, over_percent, role_id, user_id, deputy_id, manager, created_at"
    " FROM quote_approval_rules WHERE tenant_id = %(tenant_id)s AND over_percent < %(percent)s"
    " ORDER BY over_percent, created_at, id FOR SHARE"
)
