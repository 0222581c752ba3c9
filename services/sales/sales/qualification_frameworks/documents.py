"""Definitions of frameworks as documents: the same in the database as over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sales.qualification_frameworks.domain import (
    AnswerOption,
    FrameworkDefinition,
    Question,
    Verdict,
)


def document_of(definition: FrameworkDefinition) -> dict[str, Any]:
    """The definition as JSON has it."""
    return {
        "name": dict(definition.name),
        "questions": [_question(one) for one in definition.questions],
        "threshold": definition.threshold,
    }


def definition_of(document: Mapping[str, Any]) -> FrameworkDefinition:
    """The definition that a document gives."""
    return FrameworkDefinition(
        name=document["name"],
        questions=tuple(_question_of(one) for one in document["questions"]),
        threshold=document["threshold"],
    )


def _question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "name": dict(question.name),
        "required": question.required,
        "answers": [
            {
                "key": one.key,
                "name": dict(one.name),
                "points": one.points,
                "verdict": one.verdict,
            }
            for one in question.answers
        ],
    }


def _question_of(document: Mapping[str, Any]) -> Question:
    return Question(
        key=document["key"],
        name=document["name"],
        required=document["required"],
        answers=tuple(
            AnswerOption(one["key"], one["name"], one["points"], Verdict(one["verdict"]))
            for one in document["answers"]
        ),
    )
