"""Requests for approval as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import MoneyIn, MoneyOut, money_out, worth_in
from sales.approval_requests.documents import entry_document, step_document
from sales.approval_requests.domain import (
    ApprovalAction,
    ApprovalRequest,
    ApprovalStatus,
    Asked,
)
from sales.approval_types.domain import LONGEST_ANSWER, MOST_FIELDS
from sales.names import Key

Answer = Annotated[str, Field(max_length=LONGEST_ANSWER)] | bool | None


class AskedIn(Body):
    """What is asked for; `answers` are by the keys of the type's fields."""

    subject: Annotated[str, Field(min_length=1, max_length=200)]
    amount: MoneyIn | None = None
    opportunity_id: UUID | None = None
    answers: Annotated[dict[Key, Answer], Field(max_length=MOST_FIELDS)] = Field(
        default_factory=dict
    )


class ApprovalRequestIn(AskedIn):
    """A new request of a type."""

    approval_type_id: UUID


class DecisionIn(Body):
    """What to say to it."""

    comment: Annotated[str, Field(max_length=2_000)] = ""


class ObjectionIn(Body):
    """Why not, or what has to be different."""

    comment: Annotated[str, Field(min_length=1, max_length=2_000)]


class ApprovalStepOut(BaseModel):
    """A step: by whom it can be taken, and by whom it was."""

    key: str
    name: dict[str, str]
    role_id: UUID | None
    user_id: UUID | None
    deputy_id: UUID | None
    max_days: int | None
    approved_by: UUID | None
    approved_at: datetime | None


class HistoryEntryOut(BaseModel):
    """Who did what, at which step."""

    at: datetime
    by: UUID
    action: ApprovalAction
    step: str
    comment: str


class ListedApprovalRequestOut(BaseModel):
    """A request, without what was said."""

    id: UUID
    version: int
    approval_type_id: UUID
    type_key: str
    status: ApprovalStatus
    subject: str
    requester_id: UUID
    opportunity_id: UUID | None
    amount: MoneyOut | None
    awaited_role_id: UUID | None
    awaited_user_id: UUID | None
    deputy_id: UUID | None
    created_at: datetime
    updated_at: datetime


class ApprovalRequestOut(ListedApprovalRequestOut):
    """A request. Steps are those of the last time that it was submitted."""

    answers: dict[str, str | bool | None]
    steps: list[ApprovalStepOut]
    history: list[HistoryEntryOut]


def asked_in(body: AskedIn) -> Asked:
    """What a body asks for. Raises `Invalid` for an amount that cannot be."""
    return Asked(
        subject=body.subject,
        answers=dict(body.answers),
        amount=None if body.amount is None else worth_in(body.amount, "/amount"),
        opportunity_id=body.opportunity_id,
    )


def shown(request: ApprovalRequest) -> dict[str, Any]:
    """A request as the API shows one, without reading it back."""
    asked, awaited = request.asked, request.awaiting.approvers
    own = ("id", "version", "approval_type_id", "status", "requester_id")
    return {
        **{name: getattr(request, name) for name in (*own, "created_at", "updated_at")},
        "type_key": request.key,
        "subject": asked.subject,
        "opportunity_id": asked.opportunity_id,
        "amount": money_out(asked.amount),
        "awaited_role_id": None if awaited is None else awaited.role_id,
        "awaited_user_id": None if awaited is None else awaited.user_id,
        "deputy_id": None if awaited is None else awaited.deputy_id,
        "answers": dict(asked.answers),
        "steps": [
            {**step_document(step), "approved_at": step.approved_at} for step in request.steps
        ],
        "history": [{**entry_document(entry), "at": entry.at} for entry in request.history],
    }
