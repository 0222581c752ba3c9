"""Freshness as the REST face takes and shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.query_string import Query
from sales.lead_conditions.models import Conditions
from sales.lead_freshness.domain import (
    MOST_RULES,
    FreshnessLimits,
    LeadFreshnessSettings,
    StaleAction,
)
from sales.lead_freshness.storage import limits_document, rule_document
from sales.names import Key, Label

_DEFAULT = FreshnessLimits()
_TEN_YEARS = 10 * 366 * 24
Hours = Annotated[int, Field(ge=1, le=_TEN_YEARS)]


class StaleRuleIn(Body):
    """What becomes of stale leads of which all conditions hold: back to the pool, away, or nothing."""

    key: Key
    name: Label
    action: StaleAction
    conditions: Conditions = ()


class FreshnessSettingsIn(Body):
    """After how long without a touch leads are warm, cold, stale; the first rule that fits decides."""

    warm_after_hours: Hours = _DEFAULT.warm_after_hours
    cold_after_hours: Hours = _DEFAULT.cold_after_hours
    stale_after_hours: Hours = _DEFAULT.stale_after_hours
    rules: Annotated[tuple[StaleRuleIn, ...], Field(max_length=MOST_RULES)] = ()


class FreshnessSettingsOut(BaseModel):
    """How long leads stay fresh, and what becomes of stale ones; version 0 until it is set."""

    version: int
    warm_after_hours: int
    cold_after_hours: int
    stale_after_hours: int
    rules: list[StaleRuleIn]
    updated_at: datetime


class GoingStaleQuery(Query):
    """Which leads count: those that are stale within so many days unless somebody touches them."""

    within_days: Annotated[int, Field(ge=1, le=366)] = 7


def limits_in(body: FreshnessSettingsIn) -> FreshnessLimits:
    """The limits that a body gives."""
    return FreshnessLimits(body.warm_after_hours, body.cold_after_hours, body.stale_after_hours)


def shown(settings: LeadFreshnessSettings) -> dict[str, Any]:
    """Settings as the API shows them."""
    return {
        "version": settings.version,
        **limits_document(settings.limits),
        "rules": [rule_document(rule) for rule in settings.rules],
        "updated_at": settings.updated_at,
    }
