"""Facts about triggers to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import moment
from desk.tickets.facts import header
from desk.triggers.domain import (
    TriggerArchived,
    TriggerDefined,
    TriggerFact,
    TriggerFired,
    TriggerLoopStopped,
    TriggerPaused,
    TriggerRestored,
    TriggerResumed,
)
from rapport.desk.events.v1 import automation_events_pb2 as events


def _defined(fact: TriggerDefined) -> events.TriggerDefined:
    definition = fact.definition
    return events.TriggerDefined(
        **_about(fact),
        position=definition.position,
        events=sorted(definition.events),
        actions=len(definition.actions),
    )


def _fired(fact: TriggerFired) -> events.TriggerFired:
    return events.TriggerFired(
        firing_id=str(fact.firing_id),
        trigger_id=str(fact.trigger_id),
        ticket_id=str(fact.ticket.ticket_id),
        ticket=header(fact.ticket),
        event=fact.event,
        depth=fact.depth,
        reason=fact.reason,
        at=moment(fact.at),
    )


def _stopped(fact: TriggerLoopStopped) -> events.TriggerLoopStopped:
    return events.TriggerLoopStopped(
        stop_id=str(fact.stop_id),
        ticket_id=str(fact.ticket.ticket_id),
        ticket=header(fact.ticket),
        reason=fact.reason,
        trigger_ids=[str(one) for one in fact.trigger_ids],
        at=moment(fact.at),
    )


def _about(fact: TriggerFact) -> dict[str, Any]:
    return {"trigger_id": str(fact.trigger_id), "at": moment(fact.at)}


TRIGGER_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TriggerDefined: _defined,
    TriggerPaused: lambda fact: events.TriggerPaused(**_about(fact)),
    TriggerResumed: lambda fact: events.TriggerResumed(**_about(fact)),
    TriggerArchived: lambda fact: events.TriggerArchived(**_about(fact)),
    TriggerRestored: lambda fact: events.TriggerRestored(**_about(fact)),
    TriggerFired: _fired,
    TriggerLoopStopped: _stopped,
}
