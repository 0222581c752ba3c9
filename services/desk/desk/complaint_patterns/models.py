"""What complaints have in common, as the REST face shows it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.query_string import Query
from desk.complaint_patterns.domain import ComplaintSettings

Threshold = Annotated[int, Field(ge=2, le=1_000)]
Days = Annotated[int, Field(ge=1, le=366)]


class PatternDimension(StrEnum):
    """What complaints may have in common."""

    PRODUCT = "product"
    CAUSE = "cause"
    PROCESS = "process"


class ComplaintSettingsIn(Body):
    """How many complaints about one thing it takes, within how many days, to be a pattern."""

    threshold: Threshold
    days: Days


class ComplaintSettingsOut(BaseModel):
    """How many complaints about one thing it takes, within how many days, to be a pattern."""

    version: int
    threshold: int
    days: int


class PatternsQuery(Query):
    """Which patterns; without a threshold and days those of the tenant's settings count."""

    dimension: PatternDimension | None = None
    threshold: Threshold | None = None
    days: Days | None = None


class PatternOut(BaseModel):
    """So many complaints about one thing within the days, and when the last one came."""

    dimension: PatternDimension
    value: str
    count: int
    open: int
    first_at: datetime
    last_at: datetime


class PatternsOut(BaseModel):
    """Patterns as they are now, the most frequent first; at most 1,000 of each dimension."""

    threshold: int
    days: int
    items: list[PatternOut]


def shown(settings: ComplaintSettings) -> dict[str, Any]:
    """The settings as the API shows them."""
    measure = settings.measure
    return {
        "version": settings.version,
        "threshold": measure.threshold,
        "days": measure.days,
    }
