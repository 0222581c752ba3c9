"""Facts about scoring rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import qualification_events_pb2 as events
from sales.scoring_rules.domain import ScoringRuleDefined, ScoringRuleRemoved


def _defined(fact: ScoringRuleDefined) -> events.ScoringRuleDefined:
    return events.ScoringRuleDefined(
        scoring_rule_id=str(fact.scoring_rule_id), kind=fact.kind, points=fact.points
    )


def _removed(fact: ScoringRuleRemoved) -> events.ScoringRuleRemoved:
    return events.ScoringRuleRemoved(scoring_rule_id=str(fact.scoring_rule_id))


SCORING_RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ScoringRuleDefined: _defined,
    ScoringRuleRemoved: _removed,
}
