"""Facts about what leads have answered, to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import qualification_events_pb2 as events
from sales.assessments.domain import (
    AssessmentStanding,
    QualificationAnswerWithdrawn,
    QualificationDefinitionAdopted,
    QualificationQuestionAnswered,
)
from sales.encoding import id_or_none, moment


def _answered(fact: QualificationQuestionAnswered) -> events.QualificationQuestionAnswered:
    return events.QualificationQuestionAnswered(
        **_about(fact.standing),
        question=fact.answer.question,
        answer=fact.answer.answer,
        activity_id=id_or_none(fact.answer.activity_id),
        points=fact.judgement.points,
        qualifies=fact.judgement.qualifies,
        answered_at=moment(fact.answer.at),
    )


def _withdrawn(fact: QualificationAnswerWithdrawn) -> events.QualificationAnswerWithdrawn:
    return events.QualificationAnswerWithdrawn(
        **_about(fact.standing), question=fact.question, points=fact.judgement.points
    )


def _adopted(fact: QualificationDefinitionAdopted) -> events.QualificationDefinitionAdopted:
    return events.QualificationDefinitionAdopted(
        **_about(fact.standing), points=fact.judgement.points
    )


def _about(standing: AssessmentStanding) -> dict[str, Any]:
    return {
        "assessment_id": str(standing.assessment_id),
        "lead_id": str(standing.lead_id),
        "owner_id": id_or_none(standing.owner_id),
        "framework_id": str(standing.framework_id),
        "number": standing.number,
    }


ASSESSMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    QualificationQuestionAnswered: _answered,
    QualificationAnswerWithdrawn: _withdrawn,
    QualificationDefinitionAdopted: _adopted,
}
