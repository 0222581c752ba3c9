"""Facts about what customers are promised, gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.calendars.facts import BUSINESS_CALENDAR_FACTS
from desk.clocks.facts import CLOCK_FACTS
from desk.promises.facts import PROMISE_FACTS
from desk.service_levels.facts import SERVICE_LEVEL_FACTS

PROMISING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **BUSINESS_CALENDAR_FACTS,
    **SERVICE_LEVEL_FACTS,
    **CLOCK_FACTS,
    **PROMISE_FACTS,
}
