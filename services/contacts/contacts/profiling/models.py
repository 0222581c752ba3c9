"""Questions, and that people were asked them, as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment, Patch
from chassis.http.query_string import Query
from contacts.contact_points.domain import Channel
from contacts.custom_fields.models import HelpText, Label, Position
from contacts.profiling.choosing import Choice, Rated, Silence, Verdict
from contacts.profiling.domain import (
    AskOutcome,
    ProfileQuestion,
    QuestionAsk,
    QuestionDefinition,
    Told,
)
from contacts.profiling.subjects import Gap

PurposeKey = Annotated[str, Field(min_length=1, max_length=50)]
_SETTINGS = ("text", "help_text", "purposes", "position", "ask_again_after_days", "most_times")


class ProfileQuestionSettings(Body):
    """What may change about a question. Texts are shown to people."""

    text: Label = Field(default_factory=dict)
    help_text: HelpText = Field(default_factory=dict)
    purposes: Annotated[
        tuple[PurposeKey, ...],
        Field(max_length=100, description="Keys of the purposes that it is worth asking for."),
    ] = ()
    position: Annotated[Position, Field(description="The lowest is asked first.")] = 0
    ask_again_after_days: Annotated[
        int, Field(ge=1, le=3650, description="How long nobody is asked it again.")
    ] = 30
    most_times: Annotated[
        int, Field(ge=1, le=100, description="How often somebody is asked it who does not answer.")
    ] = 3


class ProfileQuestionPatch(Patch, ProfileQuestionSettings):
    """What may change about a question; purposes are replaced as a whole."""


class ProfileQuestionIn(ProfileQuestionSettings):
    """A new question; its key, and what it asks for, are for good."""

    key: Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z][a-z0-9_]*$")]
    asks_for: Annotated[
        str,
        Field(
            min_length=1,
            max_length=70,
            description="What an answer fills in: given_name, family_name, email, phone, line,"
            " postal_address, language, time_zone, important_dates.<kind> or custom_fields.<key>.",
            examples=["important_dates.birthday"],
        ),
    ]
    text: Label
    purposes: Annotated[tuple[PurposeKey, ...], Field(min_length=1, max_length=100)]


class ProfileQuestionOut(BaseModel):
    """A question that people may be asked about themselves."""

    id: UUID
    version: int
    key: str
    asks_for: str
    text: dict[str, str]
    help_text: dict[str, str]
    purposes: list[str]
    position: int
    ask_again_after_days: int
    most_times: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class AskedQuestionIn(Body):
    """That a person was shown a question. Without `asked_at` it was just now.

    `answered` when they have answered, which is entered at the person; `declined` when they would
    rather not say, and are not asked again.
    """

    question_id: UUID
    purpose: PurposeKey
    outcome: AskOutcome = AskOutcome.ASKED
    channel: Channel | None = None
    asked_at: Moment | None = None


class AskedQuestionOut(BaseModel):
    """That a person was asked a question once."""

    id: UUID
    version: int
    person_id: UUID
    question_id: UUID
    purpose: str
    outcome: AskOutcome
    channel: Channel | None
    asked_at: datetime
    recorded_at: datetime


class NextQuestionQuery(Query):
    """What for, and how long somebody is left alone who was asked anything."""

    purpose: PurposeKey
    pause_hours: Annotated[int, Field(ge=0, le=87_600)] = 24


class WorthAskingOut(BaseModel):
    """The question to ask, with why it is worth asking."""

    id: UUID
    key: str
    asks_for: str
    text: dict[str, str]
    help_text: dict[str, str]
    gap: Annotated[
        Gap, Field(description="`unreachable`: there is one, but nothing arrives there any more.")
    ]
    times_asked: Annotated[int, Field(description="Since the last answer.")]
    last_asked_at: datetime | None


class PassedOverOut(BaseModel):
    """A question that is not asked now, and why; `not_before` when time alone changes that."""

    id: UUID
    key: str
    reason: Verdict
    not_before: datetime | None


class NextQuestionOut(BaseModel):
    """The one question that is worth asking, or null with the reason."""

    person_id: UUID
    purpose: str
    question: WorthAskingOut | None
    reason: Silence | None
    not_before: datetime | None
    passed_over: list[PassedOverOut]


def definition_in(body: ProfileQuestionIn) -> QuestionDefinition:
    """The definition that a body gives."""
    return changed(QuestionDefinition(body.key, body.asks_for, body.text, body.purposes), body)


def changed(definition: QuestionDefinition, body: ProfileQuestionSettings) -> QuestionDefinition:
    """The definition with what the body mentions."""
    given = body.model_fields_set
    changes: dict[str, Any] = {name: getattr(body, name) for name in _SETTINGS if name in given}
    return replace(definition, **changes)


def told_in(body: AskedQuestionIn) -> Told:
    """What a body tells."""
    return Told(body.question_id, body.purpose, body.outcome, body.channel, body.asked_at)


def shown(question: ProfileQuestion) -> dict[str, Any]:
    """A question as the API shows one, without reading it back."""
    definition = question.definition
    return {
        "id": question.id,
        "version": question.version,
        "key": definition.key,
        "asks_for": definition.asks_for,
        **{name: getattr(definition, name) for name in _SETTINGS},
        "created_at": question.created_at,
        "updated_at": question.updated_at,
        "archived_at": question.archived_at,
    }


def ask_shown(ask: QuestionAsk) -> dict[str, Any]:
    """That a person was asked, as the API shows it."""
    return {name: getattr(ask, name) for name in AskedQuestionOut.model_fields}


def choice_shown(person_id: UUID, purpose: str, choice: Choice) -> dict[str, Any]:
    """What is worth asking, as the API shows it."""
    return {
        "person_id": person_id,
        "purpose": purpose,
        "question": None if choice.chosen is None else _worth_asking(choice.chosen),
        "reason": choice.silence,
        "not_before": choice.not_before,
        "passed_over": [
            {
                "id": each.question.id,
                "key": each.question.definition.key,
                "reason": each.verdict,
                "not_before": each.not_before,
            }
            for each in choice.passed_over
        ],
    }


def _worth_asking(rated: Rated) -> dict[str, Any]:
    definition = rated.question.definition
    return {
        "id": rated.question.id,
        **{name: getattr(definition, name) for name in ("key", "asks_for", "text", "help_text")},
        "gap": rated.gap,
        "times_asked": rated.standing.times,
        "last_asked_at": rated.standing.last_at,
    }
