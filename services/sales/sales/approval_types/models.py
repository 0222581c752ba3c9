"""Types of requests for approval as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import DecimalIn
from sales.approval_types.documents import field_document, step_document
from sales.approval_types.domain import (
    MOST_FIELDS,
    MOST_STEPS,
    AnswerKind,
    ApprovalField,
    ApprovalType,
    ApprovalTypeDefinition,
    ApproverKind,
    StepRule,
)
from sales.names import Key, Label

MOST_CHOICES = 100


class ApprovalFieldIn(Body):
    """Something to say; a `choice` has keys with what they are called."""

    key: Key
    label: Label
    kind: AnswerKind = AnswerKind.TEXT
    required: bool = False
    choices: Annotated[dict[Key, Label], Field(min_length=1, max_length=MOST_CHOICES)] | None = None


class ApprovalStepIn(Body):
    """By whom it is to be approved: holders of a role, a user, or the manager of whoever asks.

    With `over`, only when it is about more, in the base currency. The deputy may decide on days on
    which the approver is away.
    """

    key: Key
    name: Label
    approver: ApproverKind
    role_id: UUID | None = None
    user_id: UUID | None = None
    deputy_id: UUID | None = None
    over: DecimalIn | None = None
    max_days: Annotated[int, Field(ge=1, le=366)] | None = None


Fields = Annotated[tuple[ApprovalFieldIn, ...], Field(max_length=MOST_FIELDS)]
Steps = Annotated[tuple[ApprovalStepIn, ...], Field(min_length=1, max_length=MOST_STEPS)]


class ApprovalTypeIn(Body):
    """A new type, such as `expense`; its key is for good."""

    key: Key
    name: Label
    fields: Fields = ()
    steps: Steps


class ApprovalTypePatch(Patch):
    """What may change about a type; fields and steps are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    fields: Fields = ()
    steps: Steps = ()


class ApprovalTypeOut(BaseModel):
    """A type of requests for approval."""

    id: UUID
    version: int
    key: str
    name: dict[str, str]
    fields: list[ApprovalFieldIn]
    steps: list[ApprovalStepIn]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: ApprovalTypeIn) -> ApprovalTypeDefinition:
    """The definition that a body gives."""
    return ApprovalTypeDefinition(body.name, _fields_in(body.fields), _steps_in(body.steps))


def changed(definition: ApprovalTypeDefinition, body: ApprovalTypePatch) -> ApprovalTypeDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "fields" in changes:
        changes["fields"] = _fields_in(body.fields)
    if "steps" in changes:
        changes["steps"] = _steps_in(body.steps)
    return replace(definition, **changes)


def shown(kind: ApprovalType) -> dict[str, Any]:
    """A type as the API shows one, without reading it back."""
    times = ("created_at", "updated_at", "archived_at")
    return {
        "id": kind.id,
        "version": kind.version,
        "key": kind.key,
        "name": kind.definition.name,
        "fields": [field_document(one) for one in kind.definition.fields],
        "steps": [step_document(one) for one in kind.definition.steps],
        **{name: getattr(kind, name) for name in times},
    }


def _fields_in(fields: Sequence[ApprovalFieldIn]) -> tuple[ApprovalField, ...]:
    return tuple(ApprovalField(**one.model_dump()) for one in fields)


def _steps_in(steps: Sequence[ApprovalStepIn]) -> tuple[StepRule, ...]:
    return tuple(
        StepRule(**{**one.model_dump(), "over": None if one.over is None else Decimal(one.over)})
        for one in steps
    )
