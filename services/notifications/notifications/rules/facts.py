"""Recorded facts about rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from notifications.rules.domain import RuleDefined, RuleRemoved
from rapport.notifications.events.v1 import rule_events_pb2 as events


def _defined(fact: RuleDefined) -> events.RuleDefined:
    definition = fact.definition
    return events.RuleDefined(
        rule_id=str(fact.rule_id),
        fact_type=definition.fact_type,
        template=definition.template,
        channel=definition.channel,
        purpose=definition.purpose,
        enabled=definition.enabled,
    )


RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    RuleDefined: _defined,
    RuleRemoved: lambda fact: events.RuleRemoved(rule_id=str(fact.rule_id)),
}
"""What each of them becomes on the bus."""
