"""Facts about time rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.tickets.facts import header
from desk.time_rules.domain import (
    TimeRuleArchived,
    TimeRuleDefined,
    TimeRuleFact,
    TimeRuleFired,
    TimeRulePaused,
    TimeRuleRestored,
    TimeRuleResumed,
)
from rapport.desk.events.v1 import automation_events_pb2 as events


def _defined(fact: TimeRuleDefined) -> events.TimeRuleDefined:
    definition = fact.definition
    return events.TimeRuleDefined(
        **_about(fact),
        position=definition.position,
        since=definition.since,
        hours=definition.hours,
        business_calendar_id=id_or_none(definition.business_calendar_id),
        actions=len(definition.actions),
    )


def _fired(fact: TimeRuleFired) -> events.TimeRuleFired:
    return events.TimeRuleFired(
        firing_id=str(fact.firing_id),
        time_rule_id=str(fact.time_rule_id),
        ticket_id=str(fact.ticket.ticket_id),
        ticket=header(fact.ticket),
        counted_from=moment(fact.counted_from),
        reason=fact.reason,
        at=moment(fact.at),
    )


def _about(fact: TimeRuleFact) -> dict[str, Any]:
    return {"time_rule_id": str(fact.time_rule_id), "at": moment(fact.at)}


TIME_RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TimeRuleDefined: _defined,
    TimeRulePaused: lambda fact: events.TimeRulePaused(**_about(fact)),
    TimeRuleResumed: lambda fact: events.TimeRuleResumed(**_about(fact)),
    TimeRuleArchived: lambda fact: events.TimeRuleArchived(**_about(fact)),
    TimeRuleRestored: lambda fact: events.TimeRuleRestored(**_about(fact)),
    TimeRuleFired: _fired,
}
