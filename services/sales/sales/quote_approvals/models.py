"""Approval rules as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from chassis.http.money import PercentIn, decimal_out
from sales.names import Label
from sales.quote_approvals.domain import ApprovalRule


class ApprovalRuleIn(Body):
    """A discount of more than `over_percent` on any line needs a holder of the role, or the user.

    With `manager` it needs the manager of whoever submits the quote: the nearest one of their teams,
    or above, as it is then. Role and user then stand in where nobody leads them; without either such
    a quote is not submitted (409 `manager_missing`). The deputy may approve in the user's or
    manager's place. Nobody approves what they have submitted themselves.
    """

    name: Label
    over_percent: PercentIn
    role_id: UUID | None = None
    user_id: UUID | None = None
    deputy_id: UUID | None = None
    manager: bool = False


class ApprovalRuleOut(BaseModel):
    """An approval rule."""

    id: UUID
    version: int
    name: dict[str, str]
    over_percent: str
    role_id: UUID | None
    user_id: UUID | None
    deputy_id: UUID | None
    manager: bool
    created_at: datetime


def shown(rule: ApprovalRule) -> dict[str, Any]:
    """A rule as the API shows one, without reading it back."""
    return {
        "id": rule.id,
        "version": rule.version,
        "name": rule.name,
        "over_percent": decimal_out(rule.over_percent),
        "role_id": rule.approvers.role_id,
        "user_id": rule.approvers.user_id,
        "deputy_id": rule.approvers.deputy_id,
        "manager": rule.approvers.manager,
        "created_at": rule.created_at,
    }
