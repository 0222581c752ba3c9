"""Facts about routing settings to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.routing_settings.domain import RoutingSettingsChanged
from rapport.desk.events.v1 import routing_events_pb2 as events


def _changed(fact: RoutingSettingsChanged) -> events.RoutingSettingsChanged:
    return events.RoutingSettingsChanged(
        waiting_tickets=fact.preferences.waiting_tickets,
        thresholds=len(fact.preferences.valuable),
    )


ROUTING_SETTINGS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    RoutingSettingsChanged: _changed,
}
