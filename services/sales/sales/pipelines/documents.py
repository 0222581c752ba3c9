"""Definitions of pipelines as documents: the same in the database as over REST."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sales.pipelines.domain import (
    ActivityKind,
    BuyingRole,
    Criterion,
    CriterionKind,
    ForecastCategory,
    OpportunityField,
    PipelineDefinition,
    Stage,
    StageKind,
)


def document_of(definition: PipelineDefinition) -> dict[str, Any]:
    """The definition as JSON has it."""
    return {
        "name": dict(definition.name),
        "stages": [_stage(stage) for stage in definition.stages],
        "required_roles": list(definition.required_roles),
    }


def definition_of(document: Mapping[str, Any]) -> PipelineDefinition:
    """The definition that a document gives."""
    return PipelineDefinition(
        name=document["name"],
        stages=tuple(_stage_of(stage) for stage in document["stages"]),
        required_roles=tuple(BuyingRole(role) for role in document["required_roles"]),
    )


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "key": stage.key,
        "name": dict(stage.name),
        "kind": stage.kind,
        "probability": stage.probability,
        "max_days": stage.max_days,
        "forecast_category": stage.forecast_category,
        "required_fields": list(stage.required_fields),
        "exit_criteria": [_criterion(one) for one in stage.exit_criteria],
    }


def _stage_of(document: Mapping[str, Any]) -> Stage:
    return Stage(
        key=document["key"],
        name=document["name"],
        kind=StageKind(document["kind"]),
        probability=document["probability"],
        max_days=document["max_days"],
        required_fields=tuple(OpportunityField(one) for one in document["required_fields"]),
        exit_criteria=tuple(_criterion_of(one) for one in document["exit_criteria"]),
        # Definitions from before there were categories have none.
        forecast_category=ForecastCategory(
            document.get("forecast_category", ForecastCategory.PIPELINE)
        ),
    )


def _criterion(one: Criterion) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": dict(one.name),
        "kind": one.kind,
        "field": one.field,
        "at_least": None if one.at_least is None else f"{one.at_least.normalize():f}",
        "role": one.role,
        "activity": one.activity,
        "count": one.count,
    }


def _criterion_of(document: Mapping[str, Any]) -> Criterion:
    field, role, activity = (document[name] for name in ("field", "role", "activity"))
    at_least = document["at_least"]
    return Criterion(
        key=document["key"],
        name=document["name"],
        kind=CriterionKind(document["kind"]),
        field=None if field is None else OpportunityField(field),
        at_least=None if at_least is None else Decimal(at_least),
        role=None if role is None else BuyingRole(role),
        activity=None if activity is None else ActivityKind(activity),
        count=document["count"],
    )
