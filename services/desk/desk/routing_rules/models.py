"""Routing rules as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.conditions.syntax import MAX_SOURCE
from chassis.http.body import Body, Patch
from desk.agents.domain import Skill
from desk.agents.models import SkillIn
from desk.names import Label
from desk.queues.models import Position
from desk.routing_rules.domain import MOST_NEEDED, RoutingDefinition, RoutingRule
from desk.routing_rules.storage import skills_document
from desk.ticket_facts.domain import Priority


class RoutingRuleFields(Body):
    """For which tickets a rule is, and what follows.

    The first rule whose condition holds takes a ticket; an empty one always holds. `queue_id` is
    where it goes unless it was opened in a queue. `skills` are needed of an agent at their level at
    least, and with `same_language` the language of the ticket. With `owner_first` the customer's
    owner gets it, if they are an agent who can take it. The priority is never lowered.
    """

    condition: Annotated[str, Field(max_length=MAX_SOURCE)] = ""
    queue_id: UUID | None = None
    skills: Annotated[tuple[SkillIn, ...], Field(max_length=MOST_NEEDED)] = ()
    same_language: bool = False
    raise_priority_to: Priority | None = None
    owner_first: bool = False


class RoutingRuleIn(RoutingRuleFields):
    """A new rule; it is tried after all others unless it has a position."""

    name: Label
    position: Position | None = None


class RoutingRulePatch(Patch, RoutingRuleFields):
    """What may change about a rule; skills are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    position: Position = 0


class RoutingRuleOut(BaseModel):
    """A routing rule."""

    id: UUID
    version: int
    name: dict[str, str]
    position: int
    condition: str
    queue_id: UUID | None
    skills: list[SkillIn]
    same_language: bool
    raise_priority_to: Priority | None
    owner_first: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: RoutingRuleIn, last: int) -> RoutingDefinition:
    """The definition that a body gives; at position `last` unless it says another."""
    return RoutingDefinition(
        name=body.name,
        position=last if body.position is None else body.position,
        condition=body.condition,
        queue_id=body.queue_id,
        skills=_skills(body),
        same_language=body.same_language,
        raise_priority_to=body.raise_priority_to,
        owner_first=body.owner_first,
    )


def changed(definition: RoutingDefinition, body: RoutingRulePatch) -> RoutingDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "skills" in changes:
        changes["skills"] = _skills(body)
    return replace(definition, **changes)


def shown(rule: RoutingRule) -> dict[str, Any]:
    """A rule as the API shows one, without reading it back."""
    definition = rule.definition
    return {
        "id": rule.id,
        "version": rule.version,
        "name": definition.name,
        "position": definition.position,
        "condition": definition.condition,
        "queue_id": definition.queue_id,
        "skills": skills_document(definition.skills),
        "same_language": definition.same_language,
        "raise_priority_to": definition.raise_priority_to,
        "owner_first": definition.owner_first,
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
        "archived_at": rule.archived_at,
    }


def _skills(body: RoutingRuleFields) -> tuple[Skill, ...]:
    return tuple(Skill(one.key, one.level) for one in body.skills)
