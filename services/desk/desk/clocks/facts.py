"""Facts about the clocks of tickets to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.clocks.domain import ServiceLevelBreached, ServiceLevelMet, ServiceLevelWarned
from desk.encoding import moment
from desk.tickets.facts import header
from rapport.desk.events.v1 import clock_events_pb2 as events


def _warned(fact: ServiceLevelWarned) -> events.ServiceLevelWarned:
    return events.ServiceLevelWarned(**_about(fact), warned_at=moment(fact.clock.at))


def _breached(fact: ServiceLevelBreached) -> events.ServiceLevelBreached:
    return events.ServiceLevelBreached(**_about(fact), breached_at=moment(fact.clock.at))


def _met(fact: ServiceLevelMet) -> events.ServiceLevelMet:
    return events.ServiceLevelMet(
        **_about(fact), met_at=moment(fact.clock.at), late=fact.clock.late
    )


def _about(fact: ServiceLevelWarned | ServiceLevelBreached | ServiceLevelMet) -> dict[str, Any]:
    told = fact.clock
    return {
        "clock_id": str(told.clock_id),
        "ticket_id": str(fact.ticket.ticket_id),
        "ticket": header(fact.ticket),
        "target": told.target,
        "service_level_id": str(told.service_level_id),
        "due_at": moment(told.due_at),
    }


CLOCK_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ServiceLevelWarned: _warned,
    ServiceLevelBreached: _breached,
    ServiceLevelMet: _met,
}
