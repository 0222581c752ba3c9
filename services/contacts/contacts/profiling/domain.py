"""What people are asked about themselves, one question at a time, and that they were (CO-14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from contacts.contact_points.domain import Channel

MOST_QUESTIONS = 200
"""How many questions a tenant may have, those put away included."""
TOLERANCE = timedelta(minutes=5)
"""How far ahead of ours the clock of an app may be."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")
TEXTS = frozenset({"given_name", "family_name", "language", "time_zone"})
POINTS = frozenset({"email", "phone", "line"})
POSTAL_ADDRESS: Final = "postal_address"
IMPORTANT_DATE: Final = "important_dates."
CUSTOM_FIELD: Final = "custom_fields."
_NAMED = re.compile(r"custom_fields\.[a-z][a-z0-9_]{0,49}|important_dates\.[^\s.]{1,50}")


class AskOutcome(StrEnum):
    """What came of asking: no answer so far, an answer, or that the person would rather not say."""

    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class QuestionDefinition:
    """Everything that an administrator says about a question; texts are by language.

    `asks_for` is what an answer fills in (`contacts.profiling.subjects` says when that is missing),
    `purposes` what it is worth asking for. Of several questions the lowest `position` goes first.
    """

    key: str
    asks_for: str
    text: Mapping[str, str]
    purposes: tuple[str, ...]
    help_text: Mapping[str, str] = field(default_factory=dict)
    position: int = 0
    ask_again_after_days: int = 30
    most_times: int = 3


@dataclass(frozen=True, slots=True)
class ProfileQuestionDefined(Fact):
    """A question is what this says from now on."""

    question_id: UUID
    definition: QuestionDefinition
    archived: bool = False


@dataclass(kw_only=True)
class ProfileQuestion(Aggregate):
    """A question that a tenant's people may be asked. It is never deleted: people were asked it."""

    definition: QuestionDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(
        cls, question_id: UUID, definition: QuestionDefinition, now: datetime
    ) -> ProfileQuestion:
        """A new question. Raises `Invalid` for one that cannot be."""
        _require_sound(definition)
        question = cls(id=question_id, definition=definition, created_at=now, updated_at=now)
        question.record(ProfileQuestionDefined(question_id, definition))
        return question

    def redefine(self, definition: QuestionDefinition, now: datetime) -> None:
        """Take over another definition; nothing happens when it is the same.

        Raises `Conflict` for an archived question, `Invalid`, also when it would ask for something
        else: who was asked before was not asked that.
        """
        if self.archived_at is not None:
            raise Conflict("The question is archived; restore it first.", code="archived")
        for name in ("key", "asks_for"):
            if getattr(definition, name) != getattr(self.definition, name):
                message = f"The {name} of a question never changes."
                raise Invalid.at(f"/{name}", "immutable", message)
        _require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(ProfileQuestionDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Ask nobody any more. A second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(ProfileQuestionDefined(self.id, self.definition, archived=True))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to a question that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(ProfileQuestionDefined(self.id, self.definition))


@dataclass(frozen=True, slots=True)
class Told:
    """What an app tells of a question that it has shown. Without `asked_at` that is now."""

    question_id: UUID
    purpose: str
    outcome: AskOutcome = AskOutcome.ASKED
    channel: Channel | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProfileQuestionAsked(Fact):
    """A person was asked a question."""

    ask: QuestionAsk


@dataclass(frozen=True, slots=True)
class ProfileQuestionAskRemoved(Fact):
    """That a person was asked was a mistake."""

    ask: QuestionAsk


@dataclass(kw_only=True)
class QuestionAsk(Aggregate):
    """That a person was asked a question once, for a purpose; never changed once it is noted."""

    person_id: UUID
    question_id: UUID
    purpose: str
    outcome: AskOutcome
    channel: Channel | None
    asked_at: datetime
    recorded_at: datetime

    @classmethod
    def noted(cls, ask_id: UUID, person_id: UUID, told: Told, now: datetime) -> QuestionAsk:
        """That somebody was asked. Raises `Invalid` for a time that cannot be."""
        asked_at = told.asked_at or now
        if asked_at > now + TOLERANCE:
            message = f"It is later than now, {now:%Y-%m-%dT%H:%M:%SZ}: were they asked yet?"
            raise Invalid.at("/asked_at", "asked_in_future", message)
        if asked_at < EARLIEST:
            raise Invalid.at("/asked_at", "asked_too_early", "It is before 1970.")
        ask = cls(
            id=ask_id,
            person_id=person_id,
            question_id=told.question_id,
            purpose=told.purpose,
            outcome=told.outcome,
            channel=told.channel,
            asked_at=min(asked_at, now),
            recorded_at=now,
        )
        ask.record(ProfileQuestionAsked(ask))
        return ask

    def remove(self) -> None:
        """Say that it was a mistake."""
        self.record(ProfileQuestionAskRemoved(self))


def is_subject(asks_for: str) -> bool:
    """Whether a question can ask for this; whether a tenant has the custom field is not looked at."""
    plain = asks_for in TEXTS or asks_for in POINTS or asks_for == POSTAL_ADDRESS
    return plain or _NAMED.fullmatch(asks_for) is not None


def custom_field_of(asks_for: str) -> str | None:
    """The key of the custom field that is asked for, if one is."""
    return asks_for.removeprefix(CUSTOM_FIELD) if asks_for.startswith(CUSTOM_FIELD) else None


def _require_sound(definition: QuestionDefinition) -> None:
    wrong = []
    if KEY.fullmatch(definition.key) is None:
        message = "A key has 1 to 50 of a-z, 0-9 and _, and begins with a letter."
        wrong.append(Violation("/key", "key_malformed", message))
    if not is_subject(definition.asks_for):
        message = f"{definition.asks_for} is nothing about a person that can be asked for."
        wrong.append(Violation("/asks_for", "subject_unknown", message))
    if not definition.text:
        message = "A text in some language is needed: people are shown it."
        wrong.append(Violation("/text", "text_missing", message))
    if not definition.purposes:
        wrong.append(Violation("/purposes", "purposes_missing", "A purpose is needed."))
    if wrong:
        raise Invalid("Such a question cannot be.", violations=tuple(wrong))
