"""Surveys over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.surveys import operations, queries
from desk.surveys.domain import Survey
from desk.surveys.models import SurveyIn, SurveyOut, SurveyPatch, changed_by, shown, terms_in
from desk.transaction import DeskTx

READ = "desk.surveys.read"
WRITE = "desk.surveys.write"
_ONE = "/<uuid:survey_id>"

surveys = Routes("/v1/desk/surveys", tag="satisfaction")


@surveys.get("", permission=READ, listing=queries.SURVEYS, returns=SurveyOut)
def list_surveys(call: Call[DeskTx], listing: Listing) -> Reply:
    """List surveys in the order in which they are tried; archived ones only when asked for."""
    return Reply(call.read(queries.list_surveys, listing))


@surveys.post("", permission=WRITE, body=SurveyIn, returns=SurveyOut, status=201, problems=(409,))
def create_survey(call: Call[DeskTx], body: SurveyIn) -> Response:
    """Say what customers are asked, when, and what a bad score leads to."""
    terms = terms_in(body)

    def reply(_tx: DeskTx, survey: Survey) -> Reply:
        return Reply.created(f"{surveys.prefix}/{survey.id}", shown(survey), survey.version)

    return call.run(lambda tx: operations.create_survey(tx, body.kind, terms), reply)


@surveys.get(_ONE, permission=READ, returns=SurveyOut)
def get_survey(call: Call[DeskTx], survey_id: UUID) -> Reply:
    """Get a survey."""
    survey = call.read(queries.get_survey, survey_id)
    return Reply(survey, version=survey["version"])


@surveys.patch(_ONE, permission=WRITE, body=SurveyPatch, returns=SurveyOut)
def change_survey(call: Call[DeskTx], body: SurveyPatch, survey_id: UUID) -> Response:
    """Write a survey anew; who was asked already is not asked otherwise."""

    def change(tx: DeskTx) -> Survey:
        kind = tx.surveys.get(survey_id).kind
        return operations.change_survey(tx, survey_id, lambda terms: changed_by(body, kind, terms))

    return call.run(change, _shown)


@surveys.post(f"{_ONE}/archive", permission=WRITE, returns=SurveyOut)
def archive_survey(call: Call[DeskTx], survey_id: UUID) -> Response:
    """Have nobody asked by a survey any more; who was asked can answer still."""
    return call.run(lambda tx: operations.archive_survey(tx, survey_id), _shown)


@surveys.post(f"{_ONE}/restore", permission=WRITE, returns=SurveyOut)
def restore_survey(call: Call[DeskTx], survey_id: UUID) -> Response:
    """Have customers asked by an archived survey again."""
    return call.run(lambda tx: operations.restore_survey(tx, survey_id), _shown)


def _shown(_tx: DeskTx, survey: Survey) -> Reply:
    return Reply(shown(survey), version=survey.version)
