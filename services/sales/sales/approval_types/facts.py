"""Facts about types of requests for approval to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import approval_events_pb2 as events
from sales.approval_types.domain import (
    ApprovalTypeArchived,
    ApprovalTypeDefined,
    ApprovalTypeRestored,
)


def _defined(fact: ApprovalTypeDefined) -> events.ApprovalTypeDefined:
    return events.ApprovalTypeDefined(approval_type_id=str(fact.approval_type_id), key=fact.key)


def _archived(fact: ApprovalTypeArchived) -> events.ApprovalTypeArchived:
    return events.ApprovalTypeArchived(approval_type_id=str(fact.approval_type_id), key=fact.key)


def _restored(fact: ApprovalTypeRestored) -> events.ApprovalTypeRestored:
    return events.ApprovalTypeRestored(approval_type_id=str(fact.approval_type_id), key=fact.key)


APPROVAL_TYPE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ApprovalTypeDefined: _defined,
    ApprovalTypeArchived: _archived,
    ApprovalTypeRestored: _restored,
}
