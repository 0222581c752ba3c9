"""Policies of service levels as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.conditions.syntax import MAX_SOURCE, Kind
from chassis.http.body import Body, Patch
from desk.names import Name
from desk.service_levels.domain import (
    MOST_MINUTES,
    Escalation,
    MinutesByPriority,
    ServiceLevel,
    Target,
    Terms,
    Warn,
)
from desk.ticket_facts.domain import Priority

Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
ConditionText = Annotated[str, Field(max_length=MAX_SOURCE)]
Position = Annotated[int, Field(ge=0, le=100_000)]


class MinutesModel(Body):
    """How many minutes it may take, by the ticket's priority; null is no deadline."""

    low: Minutes | None = None
    normal: Minutes | None = None
    high: Minutes | None = None
    urgent: Minutes | None = None


class WarnModel(Body):
    """When it is warned: at a share of the time, or so long before its end; neither is never."""

    at_percent: Annotated[int, Field(ge=1, le=99)] | None = None
    minutes_before: Minutes | None = None


class EscalationModel(Body):
    """What is done with a ticket when a deadline has passed; a higher priority is left as it is."""

    raise_priority_to: Priority | None = None
    queue_id: UUID | None = None
    assignee_id: UUID | None = None


class ServiceLevelIn(Body):
    """A new policy. `condition` is in the language of conditions; see the vocabulary."""

    name: Name
    position: Position = 100
    condition: ConditionText = ""
    business_calendar_id: UUID | None = None
    first_response: MinutesModel = MinutesModel()
    next_response: MinutesModel = MinutesModel()
    resolution: MinutesModel = MinutesModel()
    warn: WarnModel = WarnModel()
    pauses_on_hold: bool = False
    pauses_for_third_party: bool = False
    grace_minutes: Minutes = 60
    escalation: EscalationModel = EscalationModel()


class ServiceLevelPatch(Patch):
    """What may be written anew; targets, warning and escalation change as a whole each."""

    name: Name = ""
    position: Position = 100
    condition: ConditionText = ""
    business_calendar_id: UUID | None = None
    first_response: MinutesModel = MinutesModel()
    next_response: MinutesModel = MinutesModel()
    resolution: MinutesModel = MinutesModel()
    warn: WarnModel = WarnModel()
    pauses_on_hold: bool = False
    pauses_for_third_party: bool = False
    grace_minutes: Minutes = 60
    escalation: EscalationModel = EscalationModel()


class MinutesOut(BaseModel):
    """How many minutes it may take, by the ticket's priority."""

    low: int | None
    normal: int | None
    high: int | None
    urgent: int | None


class WarnOut(BaseModel):
    """When it is warned."""

    at_percent: int | None
    minutes_before: int | None


class EscalationOut(BaseModel):
    """What is done with a ticket when a deadline has passed."""

    raise_priority_to: Priority | None
    queue_id: UUID | None
    assignee_id: UUID | None


class ServiceLevelOut(BaseModel):
    """A policy."""

    id: UUID
    version: int
    name: str
    position: int
    condition: str
    business_calendar_id: UUID | None
    first_response: MinutesOut
    next_response: MinutesOut
    resolution: MinutesOut
    warn: WarnOut
    pauses_on_hold: bool
    pauses_for_third_party: bool
    grace_minutes: int
    escalation: EscalationOut
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class TicketVariableOut(BaseModel):
    """Something that a condition can ask about a ticket."""

    name: str
    kind: Kind
    meaning: str


class TicketVocabularyOut(BaseModel):
    """What conditions about tickets are made of."""

    variables: list[TicketVariableOut]


def terms_in(body: ServiceLevelIn) -> Terms:
    """The terms that a body states."""
    return Terms(**_stated(body, set(ServiceLevelIn.model_fields)))


def changed_by(body: ServiceLevelPatch, terms: Terms) -> Terms:
    """The terms with what a patch mentions."""
    before = {name: getattr(terms, name) for name in ServiceLevelIn.model_fields}
    return Terms(**{**before, **_stated(body, body.model_fields_set)})


def _stated(body: ServiceLevelIn | ServiceLevelPatch, names: Collection[str]) -> dict[str, Any]:
    stated = {name: getattr(body, name) for name in names}
    for target in Target:
        if target.value in stated:
            stated[target.value] = MinutesByPriority(**stated[target.value].model_dump())
    if "warn" in stated:
        stated["warn"] = Warn(**body.warn.model_dump())
    if "escalation" in stated:
        stated["escalation"] = Escalation(**body.escalation.model_dump())
    return stated


def shown(service_level: ServiceLevel) -> dict[str, Any]:
    """A policy as the API shows one."""
    own = ("id", "version", "created_at", "updated_at", "archived_at")
    terms = service_level.terms
    plain = {name: getattr(terms, name) for name in ServiceLevelIn.model_fields}
    grouped = {name: plain[name] for name in (*Target, "warn", "escalation")}
    models: dict[str, type[BaseModel]] = {"warn": WarnOut, "escalation": EscalationOut}
    return {
        **{name: getattr(service_level, name) for name in own},
        **plain,
        **{
            name: {part: getattr(value, part) for part in models.get(name, MinutesOut).model_fields}
            for name, value in grouped.items()
        },
    }
