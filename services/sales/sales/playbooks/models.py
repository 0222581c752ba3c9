"""Playbooks as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from sales.activities.models import Subject
from sales.lead_conditions.documents import condition_document, condition_of
from sales.lead_conditions.domain import LeadCondition
from sales.lead_conditions.models import ConditionIn, Conditions
from sales.names import Key, Label, Text
from sales.pipelines.domain import ActivityKind
from sales.playbooks.domain import MOST_STEPS, Playbook, PlaybookDefinition
from sales.playbooks.storage import document_of, step_of

_YEAR = 365 * 24
Hours = Annotated[int, Field(ge=0, le=_YEAR)]


class StepIn(Body):
    """One activity, due so many hours after the beginning; the owner's unless somebody is named."""

    key: Key
    kind: ActivityKind = ActivityKind.TASK
    subject: Subject
    description: Text = ""
    due_after_hours: Hours | None = None
    remind_hours_before: Hours | None = None
    owner_id: UUID | None = None


Steps = Annotated[tuple[StepIn, ...], Field(min_length=1, max_length=MOST_STEPS)]


class PlaybookPatch(Patch):
    """What may change about a playbook. `steps` and `lead_conditions` are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    stage: Key = ""
    steps: Steps = ()
    lead_conditions: Conditions = ()


class PlaybookIn(Body):
    """A new playbook, for an open stage of a pipeline, or for leads that fit all of `lead_conditions`.

    For a lead it begins once, when it first fits after the playbook was defined.
    """

    name: Label
    pipeline_id: UUID | None = None
    stage: Key | None = None
    steps: Steps
    lead_conditions: Conditions = ()


class PlaybookOut(BaseModel):
    """A playbook: for a stage of a pipeline, or without those for leads that fit its conditions."""

    id: UUID
    version: int
    name: dict[str, str]
    pipeline_id: UUID | None
    stage: str
    steps: list[StepIn]
    lead_conditions: list[ConditionIn]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: PlaybookIn) -> PlaybookDefinition:
    """The definition that a body gives."""
    steps = tuple(step_of(one.model_dump(mode="json")) for one in body.steps)
    conditions = _conditions_in(body.lead_conditions)
    return PlaybookDefinition(body.name, body.pipeline_id, body.stage or "", steps, conditions)


def changed(definition: PlaybookDefinition, body: PlaybookPatch) -> PlaybookDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "steps" in changes:
        changes["steps"] = tuple(step_of(one.model_dump(mode="json")) for one in body.steps)
    if "lead_conditions" in changes:
        changes["lead_conditions"] = _conditions_in(body.lead_conditions)
    return replace(definition, **changes)


def _conditions_in(given: Sequence[ConditionIn]) -> tuple[LeadCondition, ...]:
    return tuple(condition_of(one.model_dump(mode="json")) for one in given)


def shown(playbook: Playbook) -> dict[str, Any]:
    """A playbook as the API shows one, without reading it back."""
    definition = playbook.definition
    return {
        "id": playbook.id,
        "version": playbook.version,
        "name": definition.name,
        "pipeline_id": definition.pipeline_id,
        "stage": definition.stage,
        "steps": [document_of(step) for step in definition.steps],
        "lead_conditions": [condition_document(one) for one in definition.lead_conditions],
        "created_at": playbook.created_at,
        "updated_at": playbook.updated_at,
        "archived_at": playbook.archived_at,
    }
