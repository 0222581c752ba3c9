"""Conditions as documents: the same in the database as over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sales.lead_conditions.domain import Comparison, LeadCondition, LeadField


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
