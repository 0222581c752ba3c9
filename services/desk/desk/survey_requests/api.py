"""Who was asked what, and what they said, over REST."""

from __future__ import annotations

from uuid import UUID

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.survey_requests import queries
from desk.survey_requests.models import SurveyRequestOut
from desk.transaction import DeskTx

READ = "desk.satisfaction.read"

survey_requests = Routes("/v1/desk/survey-requests", tag="satisfaction")


@survey_requests.get("", permission=READ, listing=queries.SURVEY_REQUESTS, returns=SurveyRequestOut)
def list_survey_requests(call: Call[DeskTx], listing: Listing) -> Reply:
    """List who was asked about what, and what they said; the latest first."""
    return Reply(call.read(queries.list_survey_requests, listing))


@survey_requests.get("/<uuid:survey_request_id>", permission=READ, returns=SurveyRequestOut)
def get_survey_request(call: Call[DeskTx], survey_request_id: UUID) -> Reply:
    """Get who was asked, and what they said."""
    request = call.read(queries.get_survey_request, survey_request_id)
    return Reply(request, version=request["version"])
