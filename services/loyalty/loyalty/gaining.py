"""Wires how points are gained: by which rules, what came of them, and within which limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from chassis.http.routes import Routes
from chassis.service import Service
from chassis.work.jobs import JobHandler
from loyalty.earning.api import earning_simulations, member_earnings
from loyalty.earning.simulation_jobs import simulation_jobs
from loyalty.earning_rules.api import earning_rules, earning_vocabulary
from loyalty.earning_rules.facts import EARNING_RULE_FACTS
from loyalty.limits.api import velocity_reviews, velocity_rules
from loyalty.limits.facts import LIMIT_FACTS
from loyalty.transaction import LoyaltyTx

GAINING_ROUTES: Sequence[Routes] = (
    earning_rules,
    earning_vocabulary,
    earning_simulations,
    member_earnings,
    velocity_rules,
    velocity_reviews,
)
GAINING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {**EARNING_RULE_FACTS, **LIMIT_FACTS}


def gaining_jobs(service: Service[LoyaltyTx]) -> Mapping[str, JobHandler]:
    """The jobs of rules."""
    return simulation_jobs(service.operations)
