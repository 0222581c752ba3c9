"""Assignment rules as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from sales.assignment_rules.domain import (
    LONGEST_PROMISE,
    MOST_PEOPLE,
    MOST_REASSIGNMENTS,
    MOST_WORDS,
    AssignmentRule,
    Conditions,
    Method,
    Promise,
    RuleDefinition,
)
from sales.assignment_rules.storage import conditions_document, promise_document
from sales.names import Label, Language, Short

Score = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Position = Annotated[int, Field(ge=0, le=1_000_000)]
Words = Annotated[tuple[Short, ...], Field(max_length=MOST_WORDS)]
People = Annotated[tuple[UUID, ...], Field(max_length=MOST_PEOPLE)]
MostLeads = Annotated[int, Field(ge=1, le=100_000)]


class ConditionsIn(Body):
    """For which leads: all that is said has to be true, and what is not said is not asked.

    A lead is in one of the territories at least. `en` is also true of `en-GB`.
    """

    sources: Words = ()
    campaigns: Words = ()
    languages: Annotated[tuple[Language, ...], Field(max_length=MOST_WORDS)] = ()
    territory_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_WORDS)] = ()
    lowest_score: Score | None = None
    highest_score: Score | None = None


class PromiseIn(Body):
    """First contact within so many minutes, nights and holidays included.

    When the time passes without, the lead goes to the next person, `most_reassignments` times at
    most; after that to `escalation_user_id`, or into the pool.
    """

    within_minutes: Annotated[int, Field(ge=1, le=LONGEST_PROMISE)]
    most_reassignments: Annotated[int, Field(ge=0, le=MOST_REASSIGNMENTS)] = 3
    escalation_user_id: UUID | None = None


class AssignmentRuleFields(Body):
    """How a rule chooses, and what it promises.

    `territory` goes by turns among the people of the lead's territory, `round_robin` by turns among
    users, `load` to the user with the fewest open leads, `company_owner` to whose account the lead's
    company is. Who has `most_open_leads` open leads gets no more.
    """

    position: Position | None = None
    conditions: ConditionsIn = Field(default_factory=ConditionsIn)
    user_ids: People = ()
    most_open_leads: MostLeads | None = None
    promise: PromiseIn | None = None


class AssignmentRuleIn(AssignmentRuleFields):
    """A new rule; it is tried after all others unless it has a position."""

    name: Label
    method: Method


class AssignmentRulePatch(Patch, AssignmentRuleFields):
    """What may change about a rule; conditions, users and the promise are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    method: Method = Method.ROUND_ROBIN
    position: Position = 0


class AssignmentRuleOut(BaseModel):
    """An assignment rule."""

    id: UUID
    version: int
    name: dict[str, str]
    position: int
    method: Method
    conditions: ConditionsIn
    user_ids: list[UUID]
    most_open_leads: int | None
    promise: PromiseIn | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: AssignmentRuleIn, last: int) -> RuleDefinition:
    """The definition that a body gives; at position `last` unless it says another."""
    return RuleDefinition(
        name=body.name,
        position=last if body.position is None else body.position,
        method=body.method,
        conditions=_conditions_in(body.conditions),
        user_ids=body.user_ids,
        most_open_leads=body.most_open_leads,
        promise=_promise_in(body.promise),
    )


def changed(definition: RuleDefinition, body: AssignmentRulePatch) -> RuleDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "conditions" in changes:
        changes["conditions"] = _conditions_in(body.conditions)
    if "promise" in changes:
        changes["promise"] = _promise_in(body.promise)
    return replace(definition, **changes)


def shown(rule: AssignmentRule) -> dict[str, Any]:
    """A rule as the API shows one, without reading it back."""
    definition = rule.definition
    return {
        "id": rule.id,
        "version": rule.version,
        "name": definition.name,
        "position": definition.position,
        "method": definition.method,
        "conditions": conditions_document(definition.conditions),
        "user_ids": list(definition.user_ids),
        "most_open_leads": definition.most_open_leads,
        "promise": promise_document(definition.promise),
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
        "archived_at": rule.archived_at,
    }


def _conditions_in(body: ConditionsIn) -> Conditions:
    return Conditions(**{name: getattr(body, name) for name in ConditionsIn.model_fields})


def _promise_in(body: PromiseIn | None) -> Promise | None:
    if body is None:
        return None
    return Promise(body.within_minutes, body.most_reassignments, body.escalation_user_id)
