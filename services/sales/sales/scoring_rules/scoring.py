"""Adds up a lead's score, and says what gave which points, and when time alone will change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sales.assessments.domain import Answer
from sales.lead_conditions.domain import value_of
from sales.lead_facts.domain import ConsentSaying, Touch
from sales.leads.domain import Lead
from sales.scoring_rules.domain import (
    AnswerCriterion,
    ConsentCriterion,
    RuleDefinition,
    TouchCriterion,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What has given points: a field or a touch, say, its value, since when, and its record's id.

    Of conditions that hold only together none has points by itself.
    """

    what: str
    value: str
    points: int | None = None
    at: datetime | None = None
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gives; nothing without evidence. `until` is when time changes it."""

    rule_id: UUID
    definition: RuleDefinition
    points: int = 0
    evidence: tuple[Evidence, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The sum, its parts by rule, and when time alone changes it next."""

    total: int
    parts: tuple[Part, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A lead with what else its score goes by: touches, the latest first, and answers."""

    lead: Lead
    touches: Sequence[Touch] = ()
    answers: Mapping[UUID, Sequence[Answer]] = field(default_factory=dict)
    """By framework."""


def score_of(
    rules: Sequence[tuple[UUID, RuleDefinition]], subject: Subject, now: datetime
) -> Score:
    """The score by these rules at a time."""
    parts = tuple(_part(rule_id, rule, subject, now) for rule_id, rule in rules)
    changes = [part.until for part in parts if part.until is not None]
    return Score(sum(part.points for part in parts), parts, min(changes, default=None))


def _part(rule_id: UUID, rule: RuleDefinition, subject: Subject, now: datetime) -> Part:
    if rule.touch is not None:
        return _by_touches(rule_id, rule, rule.touch, subject.touches, now)
    if rule.consent is not None:
        found = _by_consent(rule.points, rule.consent, subject.lead.consents)
    elif rule.answer is not None:
        found = _by_answer(rule.points, rule.answer, subject.answers)
    else:
        found = _by_fields(rule, subject.lead)
    return Part(rule_id, rule, rule.points if found else 0, found)


def _by_fields(rule: RuleDefinition, lead: Lead) -> tuple[Evidence, ...]:
    if not all(one.holds(lead) for one in rule.conditions):
        return ()
    points = rule.points if len(rule.conditions) == 1 else None
    return tuple(Evidence(one.field, value_of(lead, one.field), points) for one in rule.conditions)


def _by_touches(
    rule_id: UUID,
    rule: RuleDefinition,
    criterion: TouchCriterion,
    touches: Sequence[Touch],
    now: datetime,
) -> Part:
    found, changes = [], []
    for touch in [one for one in touches if _fits(criterion, one)][: criterion.most]:
        worth, until = _worth(rule.points, criterion, touch.at, now)
        if worth:
            found.append(Evidence("touch", touch.kind, worth, touch.at, touch.id))
        if until is not None:
            changes.append(until)
    points = sum(one.points or 0 for one in found)
    return Part(rule_id, rule, points, tuple(found), min(changes, default=None))


def _fits(criterion: TouchCriterion, touch: Touch) -> bool:
    return all(
        not wanted or value in wanted
        for wanted, value in (
            (criterion.kinds, touch.kind),
            (criterion.sources, touch.origin.source),
            (criterion.campaigns, touch.origin.campaign),
        )
    )


def _worth(
    points: int, criterion: TouchCriterion, at: datetime, now: datetime
) -> tuple[int, datetime | None]:
    """What a touch gives at a time, and when it will give less: never, once it gives nothing."""
    age, changes = now - at, []
    if criterion.window is not None:
        if age >= criterion.window:
            return 0, None
        changes.append(at + criterion.window)
    if criterion.half_life is not None:
        halved = age // criterion.half_life
        left = abs(points) >> halved
        points = left if points > 0 else -left
        changes.append(at + (halved + 1) * criterion.half_life)
    return (points, min(changes, default=None)) if points else (0, None)


def _by_consent(
    points: int, criterion: ConsentCriterion, sayings: Sequence[ConsentSaying]
) -> tuple[Evidence, ...]:
    about = [
        one
        for one in sayings
        if one.purpose == criterion.purpose and criterion.channel in ("", one.channel)
    ]
    if not about:
        return ()
    # Of two that were said at the same time the one that was noted later counts.
    last = max(enumerate(about), key=lambda pair: (pair[1].said_at, pair[0]))[1]
    if last.granted is not criterion.granted:
        return ()
    said = "granted" if last.granted else "refused"
    return (Evidence(f"{last.purpose}/{last.channel}", said, points, last.said_at),)


def _by_answer(
    points: int, criterion: AnswerCriterion, answers: Mapping[UUID, Sequence[Answer]]
) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(one.question, one.answer, points, one.at, one.activity_id)
        for one in answers.get(criterion.framework_id, ())
        if one.question == criterion.question and one.answer in criterion.answers
    )
