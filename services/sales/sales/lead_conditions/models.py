"""Conditions as the REST face takes and shows them: the same as in the database."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chassis.http.body import Body
from sales.lead_conditions.domain import MOST_CONDITIONS, MOST_VALUES, Comparison, LeadField

_BOUND = 1_000_000_000
_Value = Annotated[str, Field(min_length=1, max_length=200)]


class ConditionIn(Body):
    """One thing that has to be true of a lead: of texts any of `values`, of numbers `number`."""

    field: LeadField
    comparison: Comparison
    values: Annotated[tuple[_Value, ...], Field(max_length=MOST_VALUES)] = ()
    number: Annotated[int, Field(ge=-_BOUND, le=_BOUND)] | None = None


Conditions = Annotated[tuple[ConditionIn, ...], Field(max_length=MOST_CONDITIONS)]
