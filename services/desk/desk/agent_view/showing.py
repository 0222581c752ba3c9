"""What contacts has told of a customer, as the API shows it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from desk.agent_view.models import CustomerOut
from rapport.contacts.v1.customer_view_service_pb2 import GetCustomerViewResponse
from rapport.contacts.v1.lifecycle_stage_pb2 import LifecycleStage

MOST = 50
"""However much is told: no list has more entries."""


def customer_shown(told: GetCustomerViewResponse) -> dict[str, Any]:
    """The customer, in the words of the contract. Raises ValueError for what makes no sense."""
    view, found = told.view, plain(told.view)
    person = {
        **plain(told.person),
        "lifecycle_stage": _stage(told),
        "last_seen_at": _time(told.last_seen_at) if told.HasField("last_seen_at") else None,
        "contact_points": found.pop("contact_points"),
    }
    whole = {
        "person": person,
        "company": plain(told.company) if told.HasField("company") else None,
        **found,
        "memberships": plain(view.loyalty)["memberships"] if view.HasField("loyalty") else None,
    }
    missing = {one.part for one in view.missing}
    for part in ("consents", "messages", "timeline"):
        if part in missing:
            whole[part] = None
    return CustomerOut.model_validate(whole).model_dump()


def plain(message: Message) -> dict[str, Any]:
    """A message as values of Python: times and lists as such, and None for what is not set."""
    return {field.name: _value(message, field) for field in message.DESCRIPTOR.fields}


def _value(message: Message, field: Any) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        return [_single(one) for one in value[:MOST]]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _single(value)


def _single(value: Any) -> Any:
    if isinstance(value, Timestamp):
        return _time(value)
    return plain(value) if isinstance(value, Message) else value


def _time(value: Timestamp) -> Any:
    return value.ToDatetime(UTC)


def _stage(told: GetCustomerViewResponse) -> str:
    return LifecycleStage.Name(told.person.lifecycle_stage).removeprefix("LIFECYCLE_STAGE_").lower()
