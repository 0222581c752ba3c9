"""Facts about absences to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import assignment_events_pb2 as events
from sales.absences.domain import AbsenceEntered, AbsenceRemoved


def _entered(fact: AbsenceEntered) -> events.AbsenceEntered:
    absence = fact.absence
    return events.AbsenceEntered(
        absence_id=str(absence.id),
        user_id=str(absence.user_id),
        first_day=absence.first_day.isoformat(),
        last_day=absence.last_day.isoformat(),
    )


def _removed(fact: AbsenceRemoved) -> events.AbsenceRemoved:
    return events.AbsenceRemoved(absence_id=str(fact.absence.id), user_id=str(fact.absence.user_id))


ABSENCE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    AbsenceEntered: _entered,
    AbsenceRemoved: _removed,
}
