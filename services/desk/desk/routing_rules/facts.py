"""Facts about routing rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none
from desk.routing_rules.domain import (
    RoutingRuleArchived,
    RoutingRuleDefined,
    RoutingRuleRestored,
)
from rapport.desk.events.v1 import routing_events_pb2 as events


def _defined(fact: RoutingRuleDefined) -> events.RoutingRuleDefined:
    definition = fact.definition
    return events.RoutingRuleDefined(
        routing_rule_id=str(fact.routing_rule_id),
        position=definition.position,
        queue_id=id_or_none(definition.queue_id),
        raise_priority_to=definition.raise_priority_to or "",
    )


def _archived(fact: RoutingRuleArchived) -> events.RoutingRuleArchived:
    return events.RoutingRuleArchived(routing_rule_id=str(fact.routing_rule_id))


def _restored(fact: RoutingRuleRestored) -> events.RoutingRuleRestored:
    return events.RoutingRuleRestored(routing_rule_id=str(fact.routing_rule_id))


ROUTING_RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    RoutingRuleDefined: _defined,
    RoutingRuleArchived: _archived,
    RoutingRuleRestored: _restored,
}
