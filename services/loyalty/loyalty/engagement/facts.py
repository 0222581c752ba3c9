"""Facts about engagement to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.engagement.domain import EngagementBandChanged, EngagementSchemeChanged
from rapport.loyalty.events.v1 import engagement_events_pb2 as events


def _changed(fact: EngagementSchemeChanged) -> events.EngagementSchemeChanged:
    return events.EngagementSchemeChanged(
        weights_version=fact.weights_version, half_life_days=fact.half_life_days
    )


def _band(fact: EngagementBandChanged) -> events.EngagementBandChanged:
    return events.EngagementBandChanged(
        person_id=str(fact.person_id),
        from_band=fact.from_band,
        to_band=fact.to_band,
        rising=fact.rising,
        score=f"{fact.score:f}",
    )


ENGAGEMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    EngagementSchemeChanged: _changed,
    EngagementBandChanged: _band,
}
