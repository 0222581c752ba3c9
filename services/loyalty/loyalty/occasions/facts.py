"""Facts about occasions to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment
from loyalty.occasions.domain import OccasionChanged, OccasionDefined, OccasionReached
from rapport.loyalty.events.v1 import occasion_events_pb2 as events


def _defined(fact: OccasionDefined) -> events.OccasionDefined:
    return events.OccasionDefined(
        occasion_id=str(fact.occasion.id),
        program_id=str(fact.occasion.program_id),
        key=fact.occasion.key,
        date_kind=fact.occasion.date_kind,
    )


def _changed(fact: OccasionChanged) -> events.OccasionChanged:
    return events.OccasionChanged(
        occasion_id=str(fact.occasion.id),
        program_id=str(fact.occasion.program_id),
        status=fact.occasion.status,
    )


def _reached(fact: OccasionReached) -> events.OccasionReached:
    kept, occasion = fact.celebration, fact.occasion
    return events.OccasionReached(
        celebration_id=str(kept.id),
        occasion_id=str(occasion.id),
        program_id=str(kept.program_id),
        member_id=str(kept.member_id),
        person_id=id_or_none(kept.person_id) or "",
        key=occasion.key,
        date_kind=occasion.date_kind,
        reached_at=moment(kept.reached_at),
        points=kept.given.points,
    )


OCCASION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    OccasionDefined: _defined,
    OccasionChanged: _changed,
    OccasionReached: _reached,
}
