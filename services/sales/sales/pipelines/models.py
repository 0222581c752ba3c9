"""Pipelines as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import DecimalIn
from sales.names import Key, Label
from sales.pipelines.documents import definition_of, document_of
from sales.pipelines.domain import (
    MOST_CRITERIA,
    MOST_STAGES,
    ActivityKind,
    BuyingRole,
    CriterionKind,
    ForecastCategory,
    OpportunityField,
    Pipeline,
    PipelineDefinition,
    StageKind,
)


class CriterionIn(Body):
    """What must be true before an opportunity moves on.

    Kind `field`: the field is filled, or the amount `at_least` so much in the base currency. Kind
    `role`: `count` people have the buying role. Kind `activity`: `count` activities of the kind were
    completed.
    """

    key: Key
    name: Label
    kind: CriterionKind
    field: OpportunityField | None = None
    at_least: DecimalIn | None = None
    role: BuyingRole | None = None
    activity: ActivityKind | None = None
    count: Annotated[int, Field(ge=1, le=100)] = 1


class StageIn(Body):
    """A stage. `required_fields` are needed to enter it, `exit_criteria` to leave it forwards.

    `forecast_category` is how open opportunities in it count in forecasts, unless they say otherwise.
    """

    key: Key
    name: Label
    kind: StageKind = StageKind.OPEN
    probability: Annotated[int, Field(ge=0, le=100)] = 0
    max_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    required_fields: Annotated[
        tuple[OpportunityField, ...], Field(max_length=len(OpportunityField))
    ] = ()
    exit_criteria: Annotated[tuple[CriterionIn, ...], Field(max_length=MOST_CRITERIA)] = ()
    forecast_category: ForecastCategory = ForecastCategory.PIPELINE


Stages = Annotated[tuple[StageIn, ...], Field(min_length=3, max_length=MOST_STAGES)]


class PipelineIn(Body):
    """A new pipeline: open stages first, then those in which opportunities are won or lost."""

    name: Label
    stages: Stages
    required_roles: Annotated[tuple[BuyingRole, ...], Field(max_length=len(BuyingRole))] = ()


class PipelinePatch(Patch, PipelineIn):
    """What may change about a pipeline. `stages` are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    stages: Stages = ()


class PipelineOut(BaseModel):
    """A pipeline by its newest definition, whose number is `definition`."""

    id: UUID
    version: int
    definition: int
    name: dict[str, str]
    stages: list[StageIn]
    required_roles: list[BuyingRole]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class DefinitionOut(BaseModel):
    """A definition that holds, or has held."""

    definition: int
    name: dict[str, str]
    stages: list[StageIn]
    required_roles: list[BuyingRole]
    defined_at: datetime
    defined_by: str


class DefinitionsOut(BaseModel):
    """All definitions of a pipeline, the newest first."""

    items: list[DefinitionOut]


def definition_in(body: PipelineIn) -> PipelineDefinition:
    """The definition that a body gives."""
    return definition_of(body.model_dump(mode="json"))


def changed(definition: PipelineDefinition, body: PipelinePatch) -> PipelineDefinition:
    """The definition with what the body mentions."""
    given = definition_in(body)
    changes: dict[str, Any] = {name: getattr(given, name) for name in body.model_fields_set}
    return replace(definition, **changes)


def shown(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline as the API shows one, without reading it back."""
    return {
        "id": pipeline.id,
        "version": pipeline.version,
        "definition": pipeline.number,
        **document_of(pipeline.definition),
        "created_at": pipeline.created_at,
        "updated_at": pipeline.updated_at,
        "archived_at": pipeline.archived_at,
    }
