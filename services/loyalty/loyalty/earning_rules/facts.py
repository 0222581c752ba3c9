"""Facts about earning rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.earning_rules.domain import (
    EarningRule,
    EarningRuleActivated,
    EarningRuleArchived,
    EarningRuleChanged,
    EarningRuleCreated,
    EarningRulePaused,
    EarningRuleRestored,
)
from loyalty.earning_terms.domain import KINDS_OF_GIVING
from loyalty.encoding import moment
from rapport.loyalty.events.v1 import earning_rule_events_pb2 as events
from rapport.loyalty.v1 import earning_rule_pb2


def _created(fact: EarningRuleCreated) -> events.EarningRuleCreated:
    return events.EarningRuleCreated(**_about(fact.rule))


def _changed(fact: EarningRuleChanged) -> events.EarningRuleChanged:
    return events.EarningRuleChanged(**_about(fact.rule))


def _activated(fact: EarningRuleActivated) -> events.EarningRuleActivated:
    return events.EarningRuleActivated(**_about(fact.rule), valid_from=moment(fact.valid_from))


def _paused(fact: EarningRulePaused) -> events.EarningRulePaused:
    return events.EarningRulePaused(**_about(fact.rule))


def _archived(fact: EarningRuleArchived) -> events.EarningRuleArchived:
    return events.EarningRuleArchived(**_about(fact.rule))


def _restored(fact: EarningRuleRestored) -> events.EarningRuleRestored:
    return events.EarningRuleRestored(**_about(fact.rule))


def _about(rule: EarningRule) -> dict[str, Any]:
    told = earning_rule_pb2.EarningRule(
        program_id=str(rule.program_id),
        name=rule.terms.name,
        status=rule.status,
        trigger=rule.terms.trigger,
        gives=KINDS_OF_GIVING[type(rule.terms.gives)],
        number=rule.number,
    )
    return {"earning_rule_id": str(rule.id), "earning_rule": told}


EARNING_RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    EarningRuleCreated: _created,
    EarningRuleChanged: _changed,
    EarningRuleActivated: _activated,
    EarningRulePaused: _paused,
    EarningRuleArchived: _archived,
    EarningRuleRestored: _restored,
}
