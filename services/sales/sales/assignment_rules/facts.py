"""Facts about assignment rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import assignment_events_pb2 as events
from sales.assignment_rules.domain import (
    AssignmentRuleArchived,
    AssignmentRuleDefined,
    AssignmentRuleRestored,
)


def _defined(fact: AssignmentRuleDefined) -> events.AssignmentRuleDefined:
    definition = fact.definition
    promise = definition.promise
    return events.AssignmentRuleDefined(
        assignment_rule_id=str(fact.assignment_rule_id),
        position=definition.position,
        method=definition.method,
        contact_within_minutes=None if promise is None else promise.within_minutes,
    )


def _archived(fact: AssignmentRuleArchived) -> events.AssignmentRuleArchived:
    return events.AssignmentRuleArchived(assignment_rule_id=str(fact.assignment_rule_id))


def _restored(fact: AssignmentRuleRestored) -> events.AssignmentRuleRestored:
    return events.AssignmentRuleRestored(assignment_rule_id=str(fact.assignment_rule_id))


ASSIGNMENT_RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    AssignmentRuleDefined: _defined,
    AssignmentRuleArchived: _archived,
    AssignmentRuleRestored: _restored,
}
