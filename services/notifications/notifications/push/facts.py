"""What happened to devices, as protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from notifications.push.domain import (
    DeviceOwner,
    PushSubscriptionAdded,
    PushSubscriptionRemoved,
)
from rapport.notifications.events.v1 import push_events_pb2 as events


def _owner(owner: DeviceOwner) -> dict[str, Any]:
    return {
        "person_id": str(owner.person_id) if owner.person_id else None,
        "user_id": str(owner.user_id) if owner.user_id else None,
    }


def _added(fact: PushSubscriptionAdded) -> events.PushSubscriptionAdded:
    return events.PushSubscriptionAdded(
        push_subscription_id=str(fact.subscription_id), **_owner(fact.owner)
    )


def _removed(fact: PushSubscriptionRemoved) -> events.PushSubscriptionRemoved:
    return events.PushSubscriptionRemoved(
        push_subscription_id=str(fact.subscription_id), **_owner(fact.owner), gone=fact.gone
    )


PUSH_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PushSubscriptionAdded: _added,
    PushSubscriptionRemoved: _removed,
}
