"""Definitions of scoring rules as documents: the same in the database as over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sales.lead_conditions.documents import condition_document, condition_of
from sales.lead_facts.domain import TouchKind
from sales.scoring_rules.domain import (
    AnswerCriterion,
    ConsentCriterion,
    RuleDefinition,
    TouchCriterion,
)


def document_of(definition: RuleDefinition) -> dict[str, Any]:
    """The definition as JSON has it."""
    return {
        "name": dict(definition.name),
        "points": definition.points,
        "conditions": [condition_document(one) for one in definition.conditions],
        "touch": _touch(definition.touch),
        "consent": _consent(definition.consent),
        "answer": _answer(definition.answer),
    }


def definition_of(document: Mapping[str, Any]) -> RuleDefinition:
    """The definition that a document gives."""
    touch, consent, answer = (document[name] for name in ("touch", "consent", "answer"))
    return RuleDefinition(
        name=document["name"],
        points=document["points"],
        conditions=tuple(condition_of(one) for one in document["conditions"]),
        touch=touch and _touch_of(touch),
        consent=consent and ConsentCriterion(**consent),
        answer=answer and _answer_of(answer),
    )


def _touch(touch: TouchCriterion | None) -> dict[str, Any] | None:
    if touch is None:
        return None
    return {
        "kinds": list(touch.kinds),
        "sources": list(touch.sources),
        "campaigns": list(touch.campaigns),
        "most": touch.most,
        "window_days": touch.window_days,
        "half_life_days": touch.half_life_days,
    }


def _touch_of(document: Mapping[str, Any]) -> TouchCriterion:
    return TouchCriterion(
        kinds=tuple(TouchKind(one) for one in document["kinds"]),
        sources=tuple(document["sources"]),
        campaigns=tuple(document["campaigns"]),
        most=document["most"],
        window_days=document["window_days"],
        half_life_days=document["half_life_days"],
    )


def _consent(consent: ConsentCriterion | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    return {
        "purpose": consent.purpose,
        "channel": consent.channel,
        "granted": consent.granted,
    }


def _answer(answer: AnswerCriterion | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {
        "framework_id": str(answer.framework_id),
        "question": answer.question,
        "answers": list(answer.answers),
    }


def _answer_of(document: Mapping[str, Any]) -> AnswerCriterion:
    return AnswerCriterion(
        framework_id=UUID(str(document["framework_id"])),
        question=document["question"],
        answers=tuple(document["answers"]),
    )
