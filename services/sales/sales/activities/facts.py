"""Facts about activities to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from rapport.sales.events.v1 import activity_events_pb2 as events
from rapport.sales.v1.activity_pb2 import ActivityHeader
from sales.activities.domain import (
    ActivityCancelled,
    ActivityChanged,
    ActivityCompleted,
    ActivityDetails,
    ActivityPlanned,
    ActivityReminderReached,
)
from sales.encoding import id_or_none, moment, moment_or_none


def _planned(fact: ActivityPlanned) -> events.ActivityPlanned:
    return events.ActivityPlanned(
        activity_id=str(fact.activity_id),
        activity=_header(fact.activity_id, fact.details),
        playbook_id=id_or_none(fact.playbook_id),
    )


def _changed(fact: ActivityChanged) -> events.ActivityChanged:
    before = fact.before.owner_id
    return events.ActivityChanged(
        activity_id=str(fact.activity_id),
        activity=_header(fact.activity_id, fact.details),
        changed_fields=fact.changed_fields,
        previous_owner_id=id_or_none(before if before != fact.details.owner_id else None),
    )


def _completed(fact: ActivityCompleted) -> events.ActivityCompleted:
    return events.ActivityCompleted(
        activity_id=str(fact.activity_id),
        person_id=id_or_none(fact.details.person_id),
        activity=_header(fact.activity_id, fact.details),
        timeline_kind=f"sales_{fact.details.kind}",
        outcome=fact.result.outcome,
        minutes=fact.result.minutes or 0,
        completed_at=moment(fact.at),
    )


def _cancelled(fact: ActivityCancelled) -> events.ActivityCancelled:
    return events.ActivityCancelled(
        activity_id=str(fact.activity_id), activity=_header(fact.activity_id, fact.details)
    )


def _reminder(fact: ActivityReminderReached) -> events.ActivityReminderReached:
    return events.ActivityReminderReached(
        activity_id=str(fact.activity_id), activity=_header(fact.activity_id, fact.details)
    )


def _header(activity_id: UUID, details: ActivityDetails) -> ActivityHeader:
    return ActivityHeader(
        activity_id=str(activity_id),
        kind=details.kind,
        owner_id=id_or_none(details.owner_id),
        opportunity_id=id_or_none(details.opportunity_id),
        lead_id=id_or_none(details.lead_id),
        person_id=id_or_none(details.person_id),
        company_id=id_or_none(details.company_id),
        due_at=moment_or_none(details.due_at),
    )


ACTIVITY_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ActivityPlanned: _planned,
    ActivityChanged: _changed,
    ActivityCompleted: _completed,
    ActivityCancelled: _cancelled,
    ActivityReminderReached: _reminder,
}
