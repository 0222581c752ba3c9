"""Reads surveys, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, choice_filter
from chassis.storage.unit_of_work import Reading
from desk.surveys.domain import SurveyKind
from desk.surveys.models import shown
from desk.surveys.storage import survey_of, survey_or_none, surveys

_columns = surveys.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

SURVEYS = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "name": _columns.name, "created_at": _columns.created_at},
    default_sort="position",
    filters={
        "archived": archived_filter(_columns.archived_at),
        "kind": choice_filter(_columns.kind, *SurveyKind),
    },
)


def get_survey(reading: Reading, survey_id: UUID) -> dict[str, Any]:
    """The survey as the API shows one. Raises `NotFound`."""
    survey = survey_or_none(reading, survey_id)
    if survey is None:
        raise NotFound.of("survey", survey_id)
    return shown(survey)


def list_surveys(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of surveys; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(survey_of(dict(row._mapping))))
