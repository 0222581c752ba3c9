"""Time rules as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.conditions.syntax import MAX_SOURCE
from chassis.http.body import Body, Patch
from desk.names import Label
from desk.queues.models import Position
from desk.ticket_actions.documents import documents_of
from desk.ticket_actions.models import ActionIn, Actions, actions_in
from desk.time_rules.domain import MOST_HOURS, Since, TimeRule, TimeRuleDefinition

Hours = Annotated[int, Field(ge=1, le=MOST_HOURS)]


class TimeRuleFields(Body):
    """For which tickets a time rule is. With a business calendar, only its open hours count."""

    condition: Annotated[str, Field(max_length=MAX_SOURCE)] = ""
    business_calendar_id: UUID | None = None


class TimeRuleIn(TimeRuleFields):
    """A new time rule; it comes after all others unless it has a position."""

    name: Label
    since: Since
    hours: Hours
    actions: Actions
    position: Position | None = None
    active: bool = True


class TimeRulePatch(Patch, TimeRuleFields):
    """What may change about a time rule; actions are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    since: Since = Since.OPENED
    hours: Hours = 1
    actions: Actions = ()
    position: Position = 0


class TimeRuleOut(BaseModel):
    """A time rule: `hours` after the moment `since`, it does its actions. Else than `active` is paused."""

    id: UUID
    version: int
    name: dict[str, str]
    position: int
    since: Since
    hours: int
    business_calendar_id: UUID | None
    condition: str
    actions: list[ActionIn]
    active: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: TimeRuleIn, last: int) -> TimeRuleDefinition:
    """The definition that a body gives; at position `last` unless it says another."""
    return TimeRuleDefinition(
        name=body.name,
        position=last if body.position is None else body.position,
        since=body.since,
        hours=body.hours,
        actions=actions_in(body.actions),
        condition=body.condition,
        business_calendar_id=body.business_calendar_id,
    )


def changed(definition: TimeRuleDefinition, body: TimeRulePatch) -> TimeRuleDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "actions" in changes:
        changes["actions"] = actions_in(body.actions)
    return replace(definition, **changes)


def shown(rule: TimeRule) -> dict[str, Any]:
    """A time rule as the API shows one, without reading it back."""
    definition = rule.definition
    return {
        "id": rule.id,
        "version": rule.version,
        "name": definition.name,
        "position": definition.position,
        "since": definition.since,
        "hours": definition.hours,
        "business_calendar_id": definition.business_calendar_id,
        "condition": definition.condition,
        "actions": documents_of(definition.actions),
        "active": rule.active,
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
        "archived_at": rule.archived_at,
    }
