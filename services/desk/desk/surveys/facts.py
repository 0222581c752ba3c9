"""Facts about surveys to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import moment, moment_or_none
from desk.surveys.domain import (
    Survey,
    SurveyArchived,
    SurveyChanged,
    SurveyCreated,
    SurveyKind,
    SurveyRestored,
)
from rapport.desk.events.v1 import survey_events_pb2 as events
from rapport.desk.v1 import survey_pb2


def _created(fact: SurveyCreated) -> events.SurveyCreated:
    at = moment(fact.survey.created_at)
    return events.SurveyCreated(**_about(fact.survey), created_at=at)


def _changed(fact: SurveyChanged) -> events.SurveyChanged:
    at = moment(fact.survey.updated_at)
    return events.SurveyChanged(**_about(fact.survey), changed_at=at)


def _archived(fact: SurveyArchived) -> events.SurveyArchived:
    at = moment_or_none(fact.survey.archived_at)
    return events.SurveyArchived(**_about(fact.survey), archived_at=at)


def _restored(fact: SurveyRestored) -> events.SurveyRestored:
    at = moment(fact.survey.updated_at)
    return events.SurveyRestored(**_about(fact.survey), restored_at=at)


def _about(survey: Survey) -> dict[str, Any]:
    is_csat = survey.kind is SurveyKind.CSAT
    told = survey_pb2.Survey(
        survey_id=str(survey.id),
        kind=survey.kind,
        delay_minutes=survey.terms.delay_minutes if is_csat else 0,
        every_months=0 if is_csat else survey.terms.every_months,
    )
    return {"survey_id": str(survey.id), "survey": told}


SURVEY_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    SurveyCreated: _created,
    SurveyChanged: _changed,
    SurveyArchived: _archived,
    SurveyRestored: _restored,
}
