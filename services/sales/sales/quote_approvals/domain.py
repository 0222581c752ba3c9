"""Which discounts need whose approval: rules that are data, each a step on a quote's way (SA-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may take a step: holders of a role, a person, or the person's deputy."""

    role_id: UUID | None = None
    user_id: UUID | None = None
    deputy_id: UUID | None = None

    def include(self, user_id: UUID | None, role_ids: tuple[UUID, ...]) -> bool:
        """Whether a user may take the step; nobody but a user may."""
        if user_id is None:
            return False
        return user_id in (self.user_id, self.deputy_id) or self.role_id in role_ids


@dataclass(frozen=True, slots=True)
class QuoteApprovalRuleDefined(Fact):
    """Discounts over a limit need approval from now on."""

    rule: ApprovalRule


@dataclass(frozen=True, slots=True)
class QuoteApprovalRuleRemoved(Fact):
    """A rule asks for nothing any more."""

    rule: ApprovalRule


@dataclass(kw_only=True)
class ApprovalRule(Aggregate):
    """A discount of more than `over_percent` on any line needs one of the approvers."""

    name: Mapping[str, str]
    over_percent: Decimal
    approvers: Approvers
    created_at: datetime

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` without anybody who could approve."""
        named = self.approvers
        if named.role_id is None and named.user_id is None:
            message = "Who approves? A role or a user is needed."
            raise Invalid.at("/role_id", "approver_missing", message)
        self.record(QuoteApprovalRuleDefined(self))

    def take_back(self) -> None:
        """Ask for nothing any more."""
        self.record(QuoteApprovalRuleRemoved(self))
