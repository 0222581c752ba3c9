"""Reads who was asked what, straight to the response: what is about a ticket goes by its reach."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.survey_requests.domain import RequestState
from desk.survey_requests.models import shown
from desk.survey_requests.storage import request_of, survey_requests
from desk.surveys.domain import SurveyKind
from desk.tickets import reach

_columns = survey_requests.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

SURVEY_REQUESTS = ListSpec(
    key=_columns.id,
    sorts={"planned_at": _columns.planned_at},
    default_sort="-planned_at",
    filters={
        "kind": choice_filter(_columns.kind, *SurveyKind),
        "state": choice_filter(_columns.state, *RequestState),
        "survey_id": uuid_filter(_columns.survey_id),
        "ticket_id": uuid_filter(_columns.ticket_id),
        "person_id": uuid_filter(_columns.person_id),
        "queue_id": uuid_filter(_columns.queue_id),
        "assignee_id": uuid_filter(_columns.assignee_id),
        "answered_at": time_filter(_columns.answered_at),
        "sent_at": time_filter(_columns.sent_at),
        "undelivered": boolean_filter(_columns.undelivered.isnot(None)),
        "followed_up": boolean_filter(_columns.follow_up_ticket_id.isnot(None)),
    },
)


def get_survey_request(reading: Reading, request_id: UUID) -> dict[str, Any]:
    """Who was asked what. Raises `NotFound` when absent or out of reach."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == request_id
    )
    row = reading.connection.execute(of_reach(reading, statement)).first()
    if row is None:
        raise NotFound.of("survey request", request_id)
    return shown(request_of(dict(row._mapping)))


def list_survey_requests(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of who was asked what, within reach."""
    base = of_reach(reading, _all.where(_columns.tenant_id == reading.caller.tenant_id))
    return listing.fetch(
        reading.connection, base, lambda row: shown(request_of(dict(row._mapping)))
    )


def of_reach(reading: Reading, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Narrowed to those about tickets within reach; what is about none is for who reaches all."""
    ids = reach.ids_within(reading)
    return statement if ids is None else statement.where(_columns.ticket_id.in_(ids))
