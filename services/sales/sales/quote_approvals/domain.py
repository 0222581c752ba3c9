"""Which discounts need whose approval: rules that are data, each a step on a quote's way (SA-10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may take a step: holders of a role, a person, or the person's deputy.

    With `manager` a rule asks the manager of whoever submits, and its role and user stand in where
    nobody leads them; a step has that manager as its user.
    """

    role_id: UUID | None = None
    user_id: UUID | None = None
    deputy_id: UUID | None = None
    manager: bool = False

    def include(self, user_id: UUID | None, role_ids: tuple[UUID, ...]) -> bool:
        """Whether a user may take the step; nobody but a user may."""
        if user_id is None:
            return False
        return user_id in (self.user_id, self.deputy_id) or self.role_id in role_ids

    def led_by(self, manager_id: UUID | None) -> Approvers:
        """Whom a step waits for when `manager_id` leads whoever submits, or nobody does.

        Raises `Conflict` (`manager_missing`) when nobody does and the rule names nobody instead.
        """
        if not self.manager:
            return self
        if manager_id is not None:
            deputy_id = None if self.deputy_id == manager_id else self.deputy_id
            return Approvers(None, manager_id, deputy_id, manager=True)
        if self.role_id is None and self.user_id is None:
            message = (
                "Its discount needs the approval of your manager, no team of yours has one, and the"
                " rule names nobody instead."
            )
            raise Conflict(message, code="manager_missing")
        return Approvers(self.role_id, self.user_id, self.deputy_id)

    def without(self, involved: Collection[UUID]) -> Collection[UUID] | None:
        """The users who may take the step besides those who are involved; None where a role may.

        Raises `Conflict` (`approver_involved`) when that leaves nobody.
        """
        if self.role_id is not None:
            return None
        left = {self.user_id, self.deputy_id} - {None, *involved}
        if not left:
            message = (
                "A step of approval is for whoever submits the quote, or has an earlier step of it,"
                " and there is no deputy who could take it instead."
            )
            raise Conflict(message, code="approver_involved")
        return {one for one in left if one is not None}


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
        if named.role_id is None and named.user_id is None and not named.manager:
            message = "Who approves? A role, a user or the manager is needed."
            raise Invalid.at("/role_id", "approver_missing", message)
        self.record(QuoteApprovalRuleDefined(self))

    def take_back(self) -> None:
        """Ask for nothing any more."""
        self.record(QuoteApprovalRuleRemoved(self))
