"""Facts about surveys and complaints, gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.complaint_causes.facts import COMPLAINT_CAUSE_FACTS
from desk.complaint_patterns.facts import COMPLAINT_PATTERN_FACTS
from desk.complaints.facts import COMPLAINT_FACTS
from desk.survey_requests.facts import SURVEY_REQUEST_FACTS
from desk.surveys.facts import SURVEY_FACTS

SURVEYING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **SURVEY_FACTS,
    **SURVEY_REQUEST_FACTS,
    **COMPLAINT_CAUSE_FACTS,
    **COMPLAINT_FACTS,
    **COMPLAINT_PATTERN_FACTS,
}
