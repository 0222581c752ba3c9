"""The facts of queues, agents and routing, gathered for the encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.agent_absences.facts import AGENT_ABSENCE_FACTS
from desk.agents.facts import AGENT_FACTS
from desk.queues.facts import QUEUE_FACTS
from desk.routing.facts import ROUTING_FACTS
from desk.routing_rules.facts import ROUTING_RULE_FACTS
from desk.routing_settings.facts import ROUTING_SETTINGS_FACTS

ROUTING_PARTS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **QUEUE_FACTS,
    **AGENT_FACTS,
    **AGENT_ABSENCE_FACTS,
    **ROUTING_RULE_FACTS,
    **ROUTING_SETTINGS_FACTS,
    **ROUTING_FACTS,
}
