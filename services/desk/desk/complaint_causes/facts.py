"""Facts about root causes to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.complaint_causes.domain import (
    CauseFact,
    ComplaintCauseArchived,
    ComplaintCauseChanged,
    ComplaintCauseDefined,
    ComplaintCauseRestored,
)
from desk.encoding import moment
from rapport.desk.events.v1 import complaint_events_pb2 as events


def _defined(fact: ComplaintCauseDefined) -> events.ComplaintCauseDefined:
    at = moment(fact.cause.created_at)
    return events.ComplaintCauseDefined(**_about(fact), defined_at=at)


def _changed(fact: ComplaintCauseChanged) -> events.ComplaintCauseChanged:
    return events.ComplaintCauseChanged(**_about(fact), changed_at=moment(fact.cause.updated_at))


def _archived(fact: ComplaintCauseArchived) -> events.ComplaintCauseArchived:
    at = moment(fact.cause.updated_at)
    return events.ComplaintCauseArchived(**_about(fact), archived_at=at)


def _restored(fact: ComplaintCauseRestored) -> events.ComplaintCauseRestored:
    at = moment(fact.cause.updated_at)
    return events.ComplaintCauseRestored(**_about(fact), restored_at=at)


def _about(fact: CauseFact) -> dict[str, Any]:
    return {"complaint_cause_id": str(fact.cause.id), "key": fact.cause.key}


COMPLAINT_CAUSE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ComplaintCauseDefined: _defined,
    ComplaintCauseChanged: _changed,
    ComplaintCauseArchived: _archived,
    ComplaintCauseRestored: _restored,
}
