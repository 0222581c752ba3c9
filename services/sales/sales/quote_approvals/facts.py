"""Facts about approval rules to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import quote_events_pb2 as events
from sales.quote_approvals.domain import QuoteApprovalRuleDefined, QuoteApprovalRuleRemoved


def _defined(fact: QuoteApprovalRuleDefined) -> events.QuoteApprovalRuleDefined:
    return events.QuoteApprovalRuleDefined(approval_rule_id=str(fact.rule.id))


def _removed(fact: QuoteApprovalRuleRemoved) -> events.QuoteApprovalRuleRemoved:
    return events.QuoteApprovalRuleRemoved(approval_rule_id=str(fact.rule.id))


APPROVAL_RULE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    QuoteApprovalRuleDefined: _defined,
    QuoteApprovalRuleRemoved: _removed,
}
