"""Facts about settings of subscriptions to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import subscription_events_pb2 as events
from sales.encoding import id_or_none
from sales.subscription_settings.domain import SubscriptionSettingsChanged


def _changed(fact: SubscriptionSettingsChanged) -> events.SubscriptionSettingsChanged:
    return events.SubscriptionSettingsChanged(
        reminder_days=fact.reminder_days, pipeline_id=id_or_none(fact.pipeline_id)
    )


SUBSCRIPTION_SETTINGS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    SubscriptionSettingsChanged: _changed,
}
