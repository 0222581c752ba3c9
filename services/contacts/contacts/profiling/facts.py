"""Recorded facts about questions to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from contacts.profiling.domain import (
    ProfileQuestionAsked,
    ProfileQuestionAskRemoved,
    ProfileQuestionDefined,
)
from rapport.contacts.events.v1 import profile_question_events_pb2 as events


def _defined(fact: ProfileQuestionDefined) -> events.ProfileQuestionDefined:
    definition = fact.definition
    return events.ProfileQuestionDefined(
        question_id=str(fact.question_id),
        key=definition.key,
        asks_for=definition.asks_for,
        purposes=definition.purposes,
        archived=fact.archived,
    )


def _asked(fact: ProfileQuestionAsked) -> events.ProfileQuestionAsked:
    ask = fact.ask
    message = events.ProfileQuestionAsked(
        ask_id=str(ask.id),
        person_id=str(ask.person_id),
        question_id=str(ask.question_id),
        purpose=ask.purpose,
        outcome=events.ProfileQuestionOutcome.Value(
            f"PROFILE_QUESTION_OUTCOME_{ask.outcome.upper()}"
        ),
        channel=ask.channel or "",
    )
    message.asked_at.FromDatetime(ask.asked_at)
    return message


def _ask_removed(fact: ProfileQuestionAskRemoved) -> events.ProfileQuestionAskRemoved:
    ask = fact.ask
    return events.ProfileQuestionAskRemoved(
        ask_id=str(ask.id), person_id=str(ask.person_id), question_id=str(ask.question_id)
    )


PROFILING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ProfileQuestionDefined: _defined,
    ProfileQuestionAsked: _asked,
    ProfileQuestionAskRemoved: _ask_removed,
}
"""What each of them becomes on the bus."""
