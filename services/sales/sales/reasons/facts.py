"""Facts about reasons to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import reason_events_pb2 as events
from sales.reasons.domain import ReasonArchived, ReasonDefined, ReasonRestored


def _defined(fact: ReasonDefined) -> events.ReasonDefined:
    return events.ReasonDefined(reason_id=str(fact.reason_id), kind=fact.kind, key=fact.key)


def _archived(fact: ReasonArchived) -> events.ReasonArchived:
    return events.ReasonArchived(reason_id=str(fact.reason_id), kind=fact.kind, key=fact.key)


def _restored(fact: ReasonRestored) -> events.ReasonRestored:
    return events.ReasonRestored(reason_id=str(fact.reason_id), kind=fact.kind, key=fact.key)


REASON_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ReasonDefined: _defined,
    ReasonArchived: _archived,
    ReasonRestored: _restored,
}
