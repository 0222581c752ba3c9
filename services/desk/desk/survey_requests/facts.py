"""Facts about who was asked to protobuf, and what notifications is asked to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment, moment_or_none
from desk.survey_requests.domain import (
    RequestTold,
    SurveyAnswerCorrected,
    SurveyAnswered,
    SurveyCancelled,
    SurveyFollowedUp,
    SurveyMailWanted,
    SurveyPlanned,
    SurveySent,
    SurveyUndelivered,
)
from rapport.desk.events.v1 import survey_events_pb2 as events
from rapport.desk.requests.v1.send_message_pb2 import SendMessage
from rapport.desk.v1.survey_pb2 import SurveyRequestHeader


def _planned(fact: SurveyPlanned) -> events.SurveyPlanned:
    return events.SurveyPlanned(**_about(fact.told), send_at=moment(fact.at))


def _cancelled(fact: SurveyCancelled) -> events.SurveyCancelled:
    return events.SurveyCancelled(
        **_about(fact.told), reason=fact.reason, cancelled_at=moment(fact.at)
    )


def _sent(fact: SurveySent) -> events.SurveySent:
    return events.SurveySent(
        **_about(fact.told),
        person_id=id_or_none(fact.told.person_id),
        expires_at=moment(fact.expires_at),
        sent_at=moment(fact.at),
    )


def _wanted(fact: SurveyMailWanted) -> SendMessage:
    asked, message = fact.request, SendMessage()
    request = message.request
    request.request_id = str(asked.id)
    if asked.person_id is not None:
        request.person_id = str(asked.person_id)
    else:
        request.address = asked.address
    request.template = f"{asked.kind}_survey"
    request.purpose = fact.purpose
    request.variables.update({"link": fact.link, "number": fact.number})
    expires_at = moment_or_none(asked.expires_at)
    if expires_at is not None:
        request.expires_at.CopyFrom(expires_at)
    return message


def _undelivered(fact: SurveyUndelivered) -> events.SurveyUndelivered:
    return events.SurveyUndelivered(
        **_about(fact.told), reason=fact.reason, known_at=moment(fact.at)
    )


def _answered(fact: SurveyAnswered) -> events.SurveyAnswered:
    return events.SurveyAnswered(
        **_about(fact.told),
        person_id=id_or_none(fact.told.person_id),
        score=fact.score,
        commented=fact.commented,
        answered_at=moment(fact.at),
    )


def _corrected(fact: SurveyAnswerCorrected) -> events.SurveyAnswerCorrected:
    return events.SurveyAnswerCorrected(
        **_about(fact.told),
        person_id=id_or_none(fact.told.person_id),
        score=fact.score,
        previous_score=fact.previous_score,
        commented=fact.commented,
        corrected_at=moment(fact.at),
    )


def _followed_up(fact: SurveyFollowedUp) -> events.SurveyFollowedUp:
    return events.SurveyFollowedUp(
        **_about(fact.told),
        ticket_id=str(fact.ticket_id),
        score=fact.score,
        followed_up_at=moment(fact.at),
    )


def _about(told: RequestTold) -> dict[str, Any]:
    concern = told.concern
    header = SurveyRequestHeader(
        survey_request_id=str(told.request_id),
        survey_id=str(told.survey_id),
        kind=told.kind,
        ticket_id=id_or_none(concern.ticket_id),
        queue_id=id_or_none(concern.queue_id),
        assignee_id=id_or_none(concern.assignee_id),
        product_sku=concern.product_sku,
    )
    return {"survey_request_id": str(told.request_id), "request": header}


SURVEY_REQUEST_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    SurveyPlanned: _planned,
    SurveyCancelled: _cancelled,
    SurveySent: _sent,
    SurveyMailWanted: _wanted,
    SurveyUndelivered: _undelivered,
    SurveyAnswered: _answered,
    SurveyAnswerCorrected: _corrected,
    SurveyFollowedUp: _followed_up,
}
