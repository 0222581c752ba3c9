"""Assessments as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from sales.assessments.domain import Answer, Assessment
from sales.names import Key
from sales.qualification_frameworks.domain import Question, Verdict

Evidence = Annotated[str, Field(max_length=2_000)]


class FindingIn(Body):
    """An answer of the framework's, what shows it, and when it was said, now unless it is given."""

    answer: Key
    evidence: Evidence = ""
    at: Moment | None = None
    activity_id: UUID | None = None


class QualifyIn(Body):
    """By which framework; BANT unless another is named."""

    framework_id: UUID | None = None


class DisqualifyIn(Body):
    """Why nothing will come of it: the key of a reason of the kind `disqualification`."""

    reason: Key
    note: Evidence = ""


class AnswerOut(BaseModel):
    """What was answered, on what evidence, who has noted it, and what it counts for."""

    answer: str
    evidence: str
    at: datetime
    by: str
    activity_id: UUID | None
    name: dict[str, str]
    points: int
    verdict: Verdict


class QuestionOut(BaseModel):
    """A question with its answer, if it has one."""

    key: str
    name: dict[str, str]
    required: bool
    answer: AnswerOut | None


class UncountedOut(BaseModel):
    """An answer that the definition does not know: kept as it was said, and not counted."""

    question: str
    answer: str
    evidence: str
    at: datetime
    by: str
    activity_id: UUID | None


class AssessmentOut(BaseModel):
    """A lead's answers by a framework's definition, and whether they qualify it.

    `id` is null before the first answer. `open` and `unmet` are required questions.
    """

    id: UUID | None
    version: int
    lead_id: UUID
    framework_id: UUID
    number: int
    name: dict[str, str]
    questions: list[QuestionOut]
    uncounted: list[UncountedOut]
    points: int
    threshold: int
    open: list[str]
    unmet: list[str]
    qualifies: bool


def shown(assessment: Assessment, *, begun: bool = True) -> dict[str, Any]:
    """An assessment as the API shows one."""
    definition, judgement = assessment.definition, assessment.judgement
    given = {one.question: one for one in assessment.answers}
    questions = [_question(one, given.get(one.key)) for one in definition.questions]
    counted = {one["key"] for one in questions if one["answer"] is not None}
    return {
        "id": assessment.id if begun else None,
        "version": assessment.version,
        "lead_id": assessment.lead_id,
        "framework_id": assessment.framework_id,
        "number": assessment.number,
        "name": dict(definition.name),
        "questions": questions,
        "uncounted": [_said(one) for one in assessment.answers if one.question not in counted],
        "points": judgement.points,
        "threshold": judgement.threshold,
        "open": list(judgement.open),
        "unmet": list(judgement.unmet),
        "qualifies": judgement.qualifies,
    }


def _question(question: Question, given: Answer | None) -> dict[str, Any]:
    option = None if given is None else question.option(given.answer)
    answer = None
    if given is not None and option is not None:
        said = _said(given)
        del said["question"]
        counts = {"points": option.points, "verdict": option.verdict}
        answer = {**said, "name": dict(option.name), **counts}
    return {
        "key": question.key,
        "name": dict(question.name),
        "required": question.required,
        "answer": answer,
    }


def _said(answer: Answer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in UncountedOut.model_fields}
