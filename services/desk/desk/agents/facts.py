"""Facts about agents to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from desk.agents.domain import (
    AgentAdded,
    AgentArchived,
    AgentChanged,
    AgentProfile,
    AgentRestored,
    AgentStatusChanged,
)
from desk.encoding import moment_or_none
from rapport.desk.events.v1 import agent_events_pb2 as events


def _described(agent_id: UUID, profile: AgentProfile) -> dict[str, Any]:
    return {
        "agent_id": str(agent_id),
        "queue_ids": [str(queue_id) for queue_id in profile.queue_ids],
        "capacity": profile.capacity,
    }


def _status_changed(fact: AgentStatusChanged) -> events.AgentStatusChanged:
    return events.AgentStatusChanged(
        agent_id=str(fact.agent_id),
        from_status=fact.from_status,
        to_status=fact.to_status,
        until=moment_or_none(fact.until),
    )


AGENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    AgentAdded: lambda fact: events.AgentAdded(**_described(fact.agent_id, fact.profile)),
    AgentChanged: lambda fact: events.AgentChanged(**_described(fact.agent_id, fact.profile)),
    AgentArchived: lambda fact: events.AgentArchived(agent_id=str(fact.agent_id)),
    AgentRestored: lambda fact: events.AgentRestored(agent_id=str(fact.agent_id)),
    AgentStatusChanged: _status_changed,
}
