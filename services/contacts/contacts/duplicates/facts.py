"""Recorded facts about duplicates to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from contacts.duplicates.domain import (
    DuplicateDetected,
    DuplicateDismissed,
    DuplicateReopened,
    DuplicateSettingsChanged,
)
from rapport.contacts.events.v1 import duplicate_events_pb2 as events


def _found(fact: DuplicateDetected) -> events.DuplicateDetected:
    return events.DuplicateDetected(
        pair_id=str(fact.pair_id),
        first_person_id=str(fact.first_id),
        second_person_id=str(fact.second_id),
        probability=fact.probability,
    )


def _dismissed(fact: DuplicateDismissed) -> events.DuplicateDismissed:
    return events.DuplicateDismissed(
        pair_id=str(fact.pair_id),
        first_person_id=str(fact.first_id),
        second_person_id=str(fact.second_id),
    )


def _reopened(fact: DuplicateReopened) -> events.DuplicateReopened:
    return events.DuplicateReopened(
        pair_id=str(fact.pair_id),
        first_person_id=str(fact.first_id),
        second_person_id=str(fact.second_id),
    )


def _settings(fact: DuplicateSettingsChanged) -> events.DuplicateSettingsChanged:
    return events.DuplicateSettingsChanged(
        settings_id=str(fact.settings_id),
        offer_from=fact.limits.offer_from,
        merge_from=fact.limits.merge_from,
    )


DUPLICATE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    DuplicateDetected: _found,
    DuplicateDismissed: _dismissed,
    DuplicateReopened: _reopened,
    DuplicateSettingsChanged: _settings,
}
