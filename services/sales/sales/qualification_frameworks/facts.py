"""Facts about qualification frameworks to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import qualification_events_pb2 as events
from sales.qualification_frameworks.domain import (
    QualificationFrameworkArchived,
    QualificationFrameworkDefined,
    QualificationFrameworkRestored,
)


def _defined(fact: QualificationFrameworkDefined) -> events.QualificationFrameworkDefined:
    return events.QualificationFrameworkDefined(
        framework_id=str(fact.framework_id),
        number=fact.number,
        questions=fact.questions,
        threshold=fact.threshold,
    )


def _archived(fact: QualificationFrameworkArchived) -> events.QualificationFrameworkArchived:
    return events.QualificationFrameworkArchived(framework_id=str(fact.framework_id))


def _restored(fact: QualificationFrameworkRestored) -> events.QualificationFrameworkRestored:
    return events.QualificationFrameworkRestored(framework_id=str(fact.framework_id))


QUALIFICATION_FRAMEWORK_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    QualificationFrameworkDefined: _defined,
    QualificationFrameworkArchived: _archived,
    QualificationFrameworkRestored: _restored,
}
