"""Conditions as documents: the same in the database as over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from chassis.http.body import Body
from sales.lead_conditions.domain import (
    MOST_CONDITIONS,
    MOST_VALUES,
    Comparison,
    LeadCondition,
    LeadField,
)

_BOUND = 1_000_000_000
_Value = Annotated[str, Field(min_length=1, max_length=200)]


class ConditionIn(Body):
    """One thing that has to be true of a lead: of texts any of `values`, of numbers `number`."""

    field: LeadField
    comparison: Comparison
    values: Annotated[tuple[_Value, ...], Field(max_length=MOST_VALUES)] = ()
    number: Annotated[int, Field(ge=-_BOUND, le=_BOUND)] | None = None


Conditions = Annotated[tuple[ConditionIn, ...], Field(max_length=MOST_CONDITIONS)]


def condition_document(condition: LeadCondition) -> dict[str, Any]:
    """A condition as JSON has it."""
    return {
        "field": condition.field,
        "comparison": condition.comparison,
        "values": list(condition.values),
        "number": condition.number,
    }


def condition_of(document: Mapping[str, Any]) -> LeadCondition:
    """The condition that a document gives."""
    return LeadCondition(
        field=LeadField(document["field"]),
        comparison=Comparison(document["comparison"]),
        values=tuple(document["values"]),
        number=document["number"],
    )
