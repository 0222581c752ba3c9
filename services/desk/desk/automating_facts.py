"""The facts of macros, triggers and time rules, gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.macros.facts import MACRO_FACTS
from desk.ticket_actions.facts import TICKET_ACTION_FACTS
from desk.time_rules.facts import TIME_RULE_FACTS
from desk.triggers.facts import TRIGGER_FACTS

AUTOMATING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **MACRO_FACTS,
    **TRIGGER_FACTS,
    **TIME_RULE_FACTS,
    **TICKET_ACTION_FACTS,
}
