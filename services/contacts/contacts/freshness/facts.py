"""Recorded facts about settings of freshness to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from contacts.freshness.domain import FreshnessSettingsChanged
from rapport.contacts.events.v1 import freshness_events_pb2 as events


def _changed(fact: FreshnessSettingsChanged) -> events.FreshnessSettingsChanged:
    return events.FreshnessSettingsChanged(
        settings_id=str(fact.settings_id),
        half_life_days=fact.limits.half_life_days,
        stale_after_days=fact.limits.stale_after_days,
    )


FRESHNESS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {FreshnessSettingsChanged: _changed}
