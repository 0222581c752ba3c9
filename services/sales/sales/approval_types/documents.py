"""What a type asks and which steps it takes, as JSON has it in the database."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sales.approval_types.domain import AnswerKind, ApprovalField, ApproverKind, StepRule

_IDS = ("role_id", "user_id", "deputy_id")


def field_document(one: ApprovalField) -> dict[str, Any]:
    """A field as JSON has it."""
    return {
        "key": one.key,
        "label": dict(one.label),
        "kind": one.kind,
        "required": one.required,
        "choices": None if one.choices is None else dict(one.choices),
    }


def field_of(document: Mapping[str, Any]) -> ApprovalField:
    """The field that a document gives."""
    return ApprovalField(**{**document, "kind": AnswerKind(document["kind"])})


def step_document(step: StepRule) -> dict[str, Any]:
    """A step as JSON has it."""
    ids = {name: getattr(step, name) for name in _IDS}
    return {
        "key": step.key,
        "name": dict(step.name),
        "approver": step.approver,
        **{name: None if value is None else str(value) for name, value in ids.items()},
        "over": None if step.over is None else f"{step.over:f}",
        "max_days": step.max_days,
    }


def step_of(document: Mapping[str, Any]) -> StepRule:
    """The step that a document gives."""
    ids = {name: document[name] for name in _IDS}
    over = document["over"]
    return StepRule(
        key=document["key"],
        name=document["name"],
        approver=ApproverKind(document["approver"]),
        **{name: None if value is None else UUID(value) for name, value in ids.items()},
        over=None if over is None else Decimal(over),
        max_days=document["max_days"],
    )
