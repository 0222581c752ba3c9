"""Facts about the freshness of leads to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import qualification_events_pb2 as events
from sales.lead_freshness.domain import LeadFreshnessSettingsChanged


def _settings_changed(fact: LeadFreshnessSettingsChanged) -> events.LeadFreshnessSettingsChanged:
    return events.LeadFreshnessSettingsChanged(
        settings_id=str(fact.settings_id),
        warm_after_hours=fact.limits.warm_after_hours,
        cold_after_hours=fact.limits.cold_after_hours,
        stale_after_hours=fact.limits.stale_after_hours,
        rules=fact.rules,
    )


LEAD_FRESHNESS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    LeadFreshnessSettingsChanged: _settings_changed,
}
