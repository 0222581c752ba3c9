"""Facts about what complaints have in common to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.complaint_patterns.domain import (
    ComplaintPattern,
    ComplaintSettingsChanged,
    ComplaintsRepeated,
    ComplaintsSubsided,
)
from desk.encoding import moment
from rapport.desk.events.v1 import complaint_events_pb2 as events


def _repeated(fact: ComplaintsRepeated) -> events.ComplaintsRepeated:
    return events.ComplaintsRepeated(
        **_about(fact.pattern),
        count=fact.count,
        threshold=fact.measure.threshold,
        days=fact.measure.days,
        repeated_at=moment(fact.at),
    )


def _subsided(fact: ComplaintsSubsided) -> events.ComplaintsSubsided:
    return events.ComplaintsSubsided(**_about(fact.pattern), subsided_at=moment(fact.at))


def _changed(fact: ComplaintSettingsChanged) -> events.ComplaintSettingsChanged:
    measure, at = fact.measure, moment(fact.at)
    return events.ComplaintSettingsChanged(
        threshold=measure.threshold, days=measure.days, changed_at=at
    )


def _about(pattern: ComplaintPattern) -> dict[str, Any]:
    return {
        "complaint_pattern_id": str(pattern.id),
        "dimension": pattern.dimension,
        "value": pattern.value,
    }


COMPLAINT_PATTERN_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ComplaintsRepeated: _repeated,
    ComplaintsSubsided: _subsided,
    ComplaintSettingsChanged: _changed,
}
