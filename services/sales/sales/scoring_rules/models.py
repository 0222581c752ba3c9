"""Scoring rules and scores as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from sales.lead_conditions.models import Conditions
from sales.lead_facts.domain import TouchKind
from sales.leads.models import Channel
from sales.names import Key, Label, Short
from sales.scoring_rules.documents import definition_of, document_of
from sales.scoring_rules.domain import RuleDefinition, RuleKind, ScoringRule
from sales.scoring_rules.scoring import Part, Score

Points = Annotated[int, Field(ge=-1_000, le=1_000)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Words = Annotated[tuple[Short, ...], Field(max_length=50)]


class TouchCriterionIn(Body):
    """Touches that count: the latest `most` of these kinds, sources and campaigns, any if none.

    Each gives the rule's points; half of them after `half_life_days`, a quarter after twice as many,
    and nothing once `window_days` are over.
    """

    kinds: Annotated[tuple[TouchKind, ...], Field(max_length=20)] = ()
    sources: Words = ()
    campaigns: Words = ()
    most: Annotated[int, Field(ge=1, le=100)] = 1
    window_days: Days | None = None
    half_life_days: Days | None = None


class ConsentCriterionIn(Body):
    """What was said last about a purpose, on a channel or, if none is named, on any."""

    purpose: Key
    channel: Channel | None = None
    granted: bool = True


class AnswerCriterionIn(Body):
    """One of these answers to a question of a qualification framework."""

    framework_id: UUID
    question: Key
    answers: Annotated[tuple[Key, ...], Field(min_length=1, max_length=20)]


class ScoringRuleIn(Body):
    """Points for conditions that all hold, for touches, for a consent, or for an answer."""

    name: Label
    points: Points
    conditions: Conditions = ()
    touch: TouchCriterionIn | None = None
    consent: ConsentCriterionIn | None = None
    answer: AnswerCriterionIn | None = None


class ScoringRuleOut(ScoringRuleIn):
    """A scoring rule."""

    id: UUID
    version: int
    kind: RuleKind
    created_at: datetime
    updated_at: datetime


class EvidenceOut(BaseModel):
    """What has given points: a field, a touch, a consent or a question, with its value.

    `points` is null for conditions that give theirs only together. `record_id` is the touch, or the
    activity that shows an answer.
    """

    what: str
    value: str
    points: int | None
    at: datetime | None
    record_id: UUID | None


class ScorePartOut(BaseModel):
    """What one rule gives, and for what; `until` is when time alone changes it."""

    rule_id: UUID
    name: dict[str, str]
    kind: RuleKind
    points: int
    evidence: list[EvidenceOut]
    until: datetime | None


class ScoreOut(BaseModel):
    """A lead's score now, rule by rule.

    `stored` is the score that lists sort by: for some moments after a rule has changed, the one
    before. `until` is when time alone changes the score next.
    """

    lead_id: UUID
    score: int
    stored: int
    until: datetime | None
    rules: list[ScorePartOut]


def definition_in(body: ScoringRuleIn) -> RuleDefinition:
    """The definition that a body gives."""
    document = body.model_dump(mode="json")
    if body.consent is not None:
        document["consent"]["channel"] = body.consent.channel or ""
    return definition_of(document)


def definition_shown(definition: RuleDefinition) -> dict[str, Any]:
    """A definition as the API shows one."""
    document = document_of(definition)
    if definition.consent is not None:
        document["consent"]["channel"] = definition.consent.channel or None
    return document


def shown(rule: ScoringRule) -> dict[str, Any]:
    """A scoring rule as the API shows one, without reading it back."""
    return {
        "id": rule.id,
        "version": rule.version,
        "kind": rule.definition.kind,
        **definition_shown(rule.definition),
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
    }


def score_shown(lead_id: UUID, stored: int, score: Score) -> dict[str, Any]:
    """A score as the API explains it."""
    return {
        "lead_id": lead_id,
        "score": score.total,
        "stored": stored,
        "until": score.until,
        "rules": [_part(part) for part in score.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    fields = EvidenceOut.model_fields
    return {
        "rule_id": part.rule_id,
        "name": dict(part.definition.name),
        "kind": part.definition.kind,
        "points": part.points,
        "evidence": [{name: getattr(one, name) for name in fields} for one in part.evidence],
        "until": part.until,
    }
