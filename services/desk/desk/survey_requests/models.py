"""Who was asked what, as the REST face shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from desk.survey_requests.domain import RequestState, SurveyRequest, Undelivered
from desk.surveys.domain import SurveyKind


class SurveyRequestOut(BaseModel):
    """That somebody was asked, and what they said.

    What is about no ticket has none. `round` counts how often the ticket had been reopened before.
    `reason` says why nobody was asked after all; empty for all others. `undelivered` says why what
    was sent did not reach them; null while nothing is known to have gone wrong.
    """

    id: UUID
    version: int
    survey_id: UUID
    kind: SurveyKind
    ticket_id: UUID | None
    round: int
    queue_id: UUID | None
    assignee_id: UUID | None
    product_sku: str
    person_id: UUID | None
    state: RequestState
    reason: str
    planned_at: datetime
    send_at: datetime
    sent_at: datetime | None
    expires_at: datetime | None
    answered_at: datetime | None
    corrected_at: datetime | None
    score: int | None
    comment: str
    follow_up_ticket_id: UUID | None
    undelivered: Undelivered | None


def shown(request: SurveyRequest) -> dict[str, Any]:
    """Who was asked what, as the API shows it."""
    concern = ("ticket_id", "round", "queue_id", "assignee_id", "product_sku")
    own = [name for name in SurveyRequestOut.model_fields if name not in concern]
    return {
        **{name: getattr(request, name) for name in own},
        **{name: getattr(request.concern, name) for name in concern},
    }
