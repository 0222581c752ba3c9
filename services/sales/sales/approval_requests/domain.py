"""What somebody asks others to approve, and its way from step to step (SA-16).

Steps are taken one after the other, each by somebody else, and none by whoever asks. They are those
of the type when it was submitted; what is returned and submitted again begins anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Forbidden, Invalid, Money
from sales.quote_approvals.domain import Approvers

MOST_HISTORY = 200
ERASED = "Erased"
"""The subject of a request that told of somebody who was erased."""


class ApprovalStatus(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ApprovalAction(StrEnum):
    """What somebody did to a request."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """A step that a request has to take, by whom it can be, and by whom it was taken."""

    key: str
    name: Mapping[str, str]
    approvers: Approvers
    max_days: int | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Who did what, when, at which step, and with which words."""

    at: datetime
    by: UUID
    action: ApprovalAction
    step: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the answers by the keys of the type's fields."""

    subject: str
    answers: Mapping[str, object]
    amount: Money | None = None
    opportunity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: a user with their roles, and whoever of the approvers is away today."""

    user_id: UUID | None
    role_ids: tuple[UUID, ...]
    away: frozenset[UUID] = frozenset()

    def may_take(self, step: ApprovalStep) -> bool:
        """Whether they are an approver, or the deputy of one who is away."""
        approvers = step.approvers
        if self.user_id is not None and self.user_id == approvers.deputy_id:
            return approvers.user_id in self.away
        return approvers.include(self.user_id, self.role_ids)


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What facts say of a request: what it is, and whom it waits for."""

    approval_request_id: UUID
    approval_type_id: UUID
    key: str
    requester_id: UUID
    opportunity_id: UUID | None
    amount: Money | None
    approvers: Approvers | None


@dataclass(frozen=True, slots=True)
class ApprovalRequestFact(Fact):
    """What the facts about requests have in common."""

    request: Awaiting


class ApprovalRequestSubmitted(ApprovalRequestFact):
    """Somebody asks."""


class ApprovalRequestStepApproved(ApprovalRequestFact):
    """One of several has approved."""


class ApprovalRequestApproved(ApprovalRequestFact):
    """Everybody who has to has approved."""


class ApprovalRequestRejected(ApprovalRequestFact):
    """Somebody has said no."""


class ApprovalRequestReturned(ApprovalRequestFact):
    """It is to be asked in another way."""


class ApprovalRequestWithdrawn(ApprovalRequestFact):
    """Nobody asks any more."""


@dataclass(frozen=True, slots=True)
class ApprovalRequestTimeExceeded(Fact):
    """It waits for too long."""

    request: Awaiting
    max_days: int


@dataclass(kw_only=True)
class ApprovalRequest(Aggregate):
    """A request for approval, with all that was done to it."""

    approval_type_id: UUID
    key: str
    requester_id: UUID
    asked: Asked
    created_at: datetime
    updated_at: datetime
    status: ApprovalStatus = ApprovalStatus.WAITING
    steps: tuple[ApprovalStep, ...] = ()
    history: tuple[HistoryEntry, ...] = ()

    @property
    def open_step(self) -> ApprovalStep | None:
        """The step that it waits for; None when it does not wait."""
        if self.status is not ApprovalStatus.WAITING:
            return None
        return next((step for step in self.steps if step.approved_by is None), None)

    @property
    def awaiting(self) -> Awaiting:
        """What facts say of it now."""
        step, asked = self.open_step, self.asked
        return Awaiting(
            approval_request_id=self.id,
            approval_type_id=self.approval_type_id,
            key=self.key,
            requester_id=self.requester_id,
            opportunity_id=asked.opportunity_id,
            amount=asked.amount,
            approvers=None if step is None else step.approvers,
        )

    def submit(self, asked: Asked, steps: Sequence[ApprovalStep], now: datetime) -> None:
        """Ask for it, for the first time or again; without a step it is approved at once.

        Raises `Invalid` without a subject, `Conflict` for one that waits or was decided.
        """
        if self.history:
            self._require(ApprovalStatus.RETURNED)
        if not asked.subject.strip():
            raise Invalid.at("/subject", "subject_missing", "A subject is needed.")
        self.asked, self.steps = asked, tuple(steps)
        self.status = ApprovalStatus.WAITING if steps else ApprovalStatus.APPROVED
        self._note(ApprovalAction.SUBMITTED, self.requester_id, now)
        self.record(ApprovalRequestSubmitted(self.awaiting))
        if not steps:
            self.record(ApprovalRequestApproved(self.awaiting))

    def approve(self, decider: Decider, comment: str, now: datetime) -> None:
        """Take the step that is open.

        Raises `Conflict` unless it waits, `Forbidden` for whoever may not take the step.
        """
        by, step = self._deciding(decider)
        taken = replace(step, approved_by=by, approved_at=now)
        self.steps = tuple(taken if one is step else one for one in self.steps)
        done = all(one.approved_by is not None for one in self.steps)
        if done:
            self.status = ApprovalStatus.APPROVED
        self._note(ApprovalAction.APPROVED, by, now, step.key, comment)
        kind = ApprovalRequestApproved if done else ApprovalRequestStepApproved
        self.record(kind(self.awaiting))

    def reject(self, decider: Decider, comment: str, now: datetime) -> None:
        """Say no, for good. Raises as `approve` does."""
        by, step = self._deciding(decider)
        self.status = ApprovalStatus.REJECTED
        self._note(ApprovalAction.REJECTED, by, now, step.key, comment)
        self.record(ApprovalRequestRejected(self.awaiting))

    def send_back(self, decider: Decider, comment: str, now: datetime) -> None:
        """Have it asked in another way; what was approved of it is void. Raises as `approve` does."""
        by, step = self._deciding(decider)
        self.status, self.steps = ApprovalStatus.RETURNED, ()
        self._note(ApprovalAction.RETURNED, by, now, step.key, comment)
        self.record(ApprovalRequestReturned(self.awaiting))

    def withdraw(self, now: datetime) -> None:
        """Ask for it no more. Raises `Conflict` for one that was decided."""
        self._require(ApprovalStatus.WAITING, ApprovalStatus.RETURNED)
        self.status = ApprovalStatus.WITHDRAWN
        self._note(ApprovalAction.WITHDRAWN, self.requester_id, now)
        self.record(ApprovalRequestWithdrawn(self.awaiting))

    def remind(self, entry: int, now: datetime) -> None:
        """Tell that it has waited for too long, if nothing has happened since that entry."""
        step = self.open_step
        if step is None or step.max_days is None or len(self.history) != entry:
            return
        self.updated_at = now
        self.record(ApprovalRequestTimeExceeded(self.awaiting, step.max_days))

    def without_texts(self, places: Collection[str]) -> tuple[Asked, tuple[HistoryEntry, ...]]:
        """What is asked for and the history without some texts, since they tell of somebody erased.

        A place is `subject`, `answers/<key>` or `history/<number>`.
        """
        asked, gone = self.asked, frozenset(places)
        answers = {
            key: "" if f"answers/{key}" in gone else one for key, one in asked.answers.items()
        }
        subject = ERASED if "subject" in gone else asked.subject
        history = tuple(
            replace(entry, comment="") if f"history/{number}" in gone else entry
            for number, entry in enumerate(self.history)
        )
        return replace(asked, subject=subject, answers=answers), history

    def awaits(self, decider: Decider) -> bool:
        """Whether somebody is one of those who approve it, or has done something to it.

        What is returned has no steps any more: whoever returned it is known by the history.
        """
        if decider.user_id is None:
            return False
        if any(entry.by == decider.user_id for entry in self.history):
            return True
        return any(
            decider.user_id == step.approvers.deputy_id
            or step.approvers.include(decider.user_id, decider.role_ids)
            for step in self.steps
        )

    def _deciding(self, decider: Decider) -> tuple[UUID, ApprovalStep]:
        self._require(ApprovalStatus.WAITING)
        step, by = self.open_step, decider.user_id
        if step is None or by is None or not decider.may_take(step):
            message = "This step is for somebody else."
            raise Forbidden(message, code="not_the_approver")
        if by in (self.requester_id, *(one.approved_by for one in self.steps)):
            message = "Whoever asks for it or has approved it takes no (other) step of it."
            raise Forbidden(message, code="approver_involved")
        return by, step

    def _require(self, *statuses: ApprovalStatus) -> None:
        if self.status not in statuses:
            wanted = " or ".join(statuses)
            message = f"It has to be {wanted} for that, and it is {self.status}."
            raise Conflict(message, code="approval_request_status")

    def _note(
        self,
        action: ApprovalAction,
        by: UUID,
        now: datetime,
        step: str = "",
        comment: str = "",
    ) -> None:
        if len(self.history) >= MOST_HISTORY:
            message = f"It was handed back and forth {MOST_HISTORY} times; ask anew."
            raise Conflict(message, code="approval_request_status")
        self.history = (*self.history, HistoryEntry(now, by, action, step, comment))
        self.updated_at = now
