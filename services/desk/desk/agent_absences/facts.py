"""Facts about absences of agents to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.agent_absences.domain import AgentAbsenceEntered, AgentAbsenceRemoved
from desk.encoding import moment
from rapport.desk.events.v1 import agent_events_pb2 as events


def _entered(fact: AgentAbsenceEntered) -> events.AgentAbsenceEntered:
    absence = fact.absence
    return events.AgentAbsenceEntered(
        agent_absence_id=str(absence.id),
        agent_id=str(absence.agent_id),
        begins_at=moment(absence.begins_at),
        ends_at=moment(absence.ends_at),
    )


def _removed(fact: AgentAbsenceRemoved) -> events.AgentAbsenceRemoved:
    return events.AgentAbsenceRemoved(
        agent_absence_id=str(fact.absence.id), agent_id=str(fact.absence.agent_id)
    )


AGENT_ABSENCE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    AgentAbsenceEntered: _entered,
    AgentAbsenceRemoved: _removed,
}
