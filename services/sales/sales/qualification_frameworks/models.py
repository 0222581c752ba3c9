"""Frameworks as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from sales.names import Key, Label
from sales.qualification_frameworks.documents import definition_of, document_of
from sales.qualification_frameworks.domain import (
    MOST_OPTIONS,
    MOST_QUESTIONS,
    FrameworkDefinition,
    QualificationFramework,
    Verdict,
)

Points = Annotated[int, Field(ge=-1_000, le=1_000)]


class AnswerOptionIn(Body):
    """An answer that may be given, its points, and what it says about what was asked for."""

    key: Key
    name: Label
    points: Points = 0
    verdict: Verdict


class QuestionIn(Body):
    """A question; a required one has to be answered, and not by what is unmet."""

    key: Key
    name: Label
    required: bool = True
    answers: Annotated[tuple[AnswerOptionIn, ...], Field(min_length=1, max_length=MOST_OPTIONS)]


Questions = Annotated[tuple[QuestionIn, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]
Threshold = Annotated[int, Field(ge=0, le=MOST_QUESTIONS * 1_000)]


class FrameworkIn(Body):
    """A new framework; so many points as `threshold` says qualify a lead."""

    name: Label
    questions: Questions
    threshold: Threshold


class FrameworkPatch(Patch):
    """What may change about a framework. `questions` are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    questions: Questions = ()
    threshold: Threshold = 0


class FrameworkOut(BaseModel):
    """A framework; `number` says how often it was defined."""

    id: UUID
    version: int
    number: int
    name: dict[str, str]
    questions: list[QuestionIn]
    threshold: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: FrameworkIn) -> FrameworkDefinition:
    """The definition that a body gives."""
    return definition_of(body.model_dump(mode="json"))


def changed(definition: FrameworkDefinition, body: FrameworkPatch) -> FrameworkDefinition:
    """The definition with what the body mentions."""
    given = body.model_dump(mode="json", include=body.model_fields_set)
    merged = definition_of({**document_of(definition), **given})
    return replace(definition, **{name: getattr(merged, name) for name in given})


_OWN = ("id", "version", "number", "created_at", "updated_at", "archived_at")


def shown(framework: QualificationFramework) -> dict[str, Any]:
    """A framework as the API shows one, without reading it back."""
    own = {name: getattr(framework, name) for name in _OWN}
    return {**own, **document_of(framework.definition)}


def flat(row: Mapping[str, Any] | sa.RowMapping) -> dict[str, Any]:
    """A framework as the API shows one, from its row."""
    return {**{name: row[name] for name in _OWN}, **row["definition"]}
