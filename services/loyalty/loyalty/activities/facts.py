"""Facts about activities to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.activities import domain
from loyalty.encoding import moment
from rapport.loyalty.events.v1 import activity_events_pb2 as events


def _planned(fact: domain.ActivityPlanned) -> events.ActivityPlanned:
    return events.ActivityPlanned(**_about(fact.activity))


def _changed(fact: domain.ActivityChanged) -> events.ActivityChanged:
    starts_at = moment(fact.activity.terms.starts_at)
    return events.ActivityChanged(**_about(fact.activity), starts_at=starts_at, moved=fact.moved)


def _published(fact: domain.ActivityPublished) -> events.ActivityPublished:
    starts_at = moment(fact.activity.terms.starts_at)
    return events.ActivityPublished(**_about(fact.activity), starts_at=starts_at)


def _cancelled(fact: domain.ActivityCancelled) -> events.ActivityCancelled:
    starts_at = moment(fact.activity.terms.starts_at)
    return events.ActivityCancelled(**_about(fact.activity), starts_at=starts_at)


def _ended(fact: domain.ActivityEnded) -> events.ActivityEnded:
    return events.ActivityEnded(**_about(fact.activity))


def _about(activity: domain.Activity) -> dict[str, str]:
    return {"activity_id": str(activity.id), "program_id": str(activity.program_id)}


ACTIVITY_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.ActivityPlanned: _planned,
    domain.ActivityChanged: _changed,
    domain.ActivityPublished: _published,
    domain.ActivityCancelled: _cancelled,
    domain.ActivityEnded: _ended,
}
