"""Facts about recognitions to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment_or_none
from loyalty.recognitions.domain import RecognitionAwarded, RecognitionWithdrawn
from rapport.loyalty.events.v1 import recognition_events_pb2 as events


def _awarded(fact: RecognitionAwarded) -> events.RecognitionAwarded:
    given = fact.recognition
    return events.RecognitionAwarded(
        recognition_id=str(given.id),
        program_id=str(given.program_id),
        member_id=str(given.member_id),
        person_id=id_or_none(given.person_id) or "",
        kind=given.kind,
        key=given.key,
        valid_until=moment_or_none(given.valid_until),
    )


def _withdrawn(fact: RecognitionWithdrawn) -> events.RecognitionWithdrawn:
    given = fact.recognition
    return events.RecognitionWithdrawn(
        recognition_id=str(given.id),
        program_id=str(given.program_id),
        member_id=str(given.member_id),
        person_id=id_or_none(given.person_id),
        key=given.key,
    )


RECOGNITION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    RecognitionAwarded: _awarded,
    RecognitionWithdrawn: _withdrawn,
}
