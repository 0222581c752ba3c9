"""Facts about commission plans to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import commission_events_pb2 as events
from sales.commission_plans.domain import (
    CommissionPlan,
    CommissionPlanChanged,
    CommissionPlanDefined,
)


def _defined(fact: CommissionPlanDefined) -> events.CommissionPlanDefined:
    return events.CommissionPlanDefined(plan_id=str(fact.plan.id), user_ids=_people(fact.plan))


def _changed(fact: CommissionPlanChanged) -> events.CommissionPlanChanged:
    return events.CommissionPlanChanged(
        plan_id=str(fact.plan.id),
        user_ids=_people(fact.plan),
        changed_fields=fact.changed_fields,
    )


def _people(plan: CommissionPlan) -> list[str]:
    return [str(one.user_id) for one in plan.definition.participants]


COMMISSION_PLAN_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CommissionPlanDefined: _defined,
    CommissionPlanChanged: _changed,
}
