"""The steps and the history of a request, as JSON has them in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sales.approval_requests.domain import ApprovalAction, ApprovalStep, HistoryEntry
from sales.quote_approvals.domain import Approvers

_APPROVERS = ("role_id", "user_id", "deputy_id")


def step_document(step: ApprovalStep) -> dict[str, Any]:
    """A step as JSON has it."""
    ids = {name: getattr(step.approvers, name) for name in _APPROVERS}
    ids["approved_by"] = step.approved_by
    return {
        "key": step.key,
        "name": dict(step.name),
        **{name: None if value is None else str(value) for name, value in ids.items()},
        "max_days": step.max_days,
        "approved_at": None if step.approved_at is None else step.approved_at.isoformat(),
    }


def step_of(document: Mapping[str, Any]) -> ApprovalStep:
    """The step that a document gives."""
    ids = {
        name: None if document[name] is None else UUID(document[name])
        for name in (*_APPROVERS, "approved_by")
    }
    at = document["approved_at"]
    return ApprovalStep(
        key=document["key"],
        name=document["name"],
        approvers=Approvers(ids["role_id"], ids["user_id"], ids["deputy_id"]),
        max_days=document["max_days"],
        approved_by=ids["approved_by"],
        approved_at=None if at is None else _moment(at),
    )


def entry_document(entry: HistoryEntry) -> dict[str, Any]:
    """What somebody did, as JSON has it."""
    return {
        "at": entry.at.isoformat(),
        "by": str(entry.by),
        "action": entry.action,
        "step": entry.step,
        "comment": entry.comment,
    }


def entry_of(document: Mapping[str, Any]) -> HistoryEntry:
    """What a document says that somebody did."""
    return HistoryEntry(
        at=_moment(document["at"]),
        by=UUID(document["by"]),
        action=ApprovalAction(document["action"]),
        step=document["step"],
        comment=document["comment"],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
