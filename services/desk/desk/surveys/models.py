"""Surveys as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.conditions.syntax import MAX_SOURCE
from chassis.http.body import Body, Patch
from desk.names import Name, Sentence
from desk.surveys.domain import BAD_UP_TO, FollowUp, Survey, SurveyKind, SurveyTerms
from desk.ticket_facts.domain import Priority

ConditionText = Annotated[str, Field(max_length=MAX_SOURCE)]
Position = Annotated[int, Field(ge=0, le=100_000)]
Delay = Annotated[int, Field(ge=0, le=30 * 24 * 60)]
RestDays = Annotated[int, Field(ge=0, le=3_650)]
Months = Annotated[int, Field(ge=1, le=60)]
ExpiresDays = Annotated[int, Field(ge=1, le=365)]
Purpose = Annotated[str, Field(max_length=50, pattern="^([a-z][a-z0-9_]*)?$")]


class FollowUpModel(Body):
    """A ticket is opened for a score of `up_to` or worse; null is 2 of 5, and 6 of 10.

    It is given to `assignee_id`, who is told so, such as whoever leads those who take care of
    tickets; to nobody without. Of what nobody has after five minutes whoever leads the team of its
    queue is told, or, where nobody does, those who serve the queue.
    """

    up_to: Annotated[int, Field(ge=0, le=10)] | None = None
    queue_id: UUID | None = None
    priority: Priority = Priority.HIGH
    assignee_id: UUID | None = None


class SurveyIn(Body):
    """A new survey.

    For `csat` the condition (see the vocabulary of tickets), the delay and the days of rest count;
    for `nps` the months and the purpose. Without a question the usual one is asked.
    """

    kind: SurveyKind
    name: Name
    position: Position = 100
    condition: ConditionText = ""
    question: Sentence = Field(default_factory=dict)
    delay_minutes: Delay = 60
    rest_days: RestDays = 0
    every_months: Months = 6
    active_months: Months = 12
    expires_days: ExpiresDays = 14
    purpose: Purpose = ""
    follow_up: FollowUpModel | None = None


class SurveyPatch(Patch):
    """What may be written anew: all but the kind."""

    name: Name = ""
    position: Position = 100
    condition: ConditionText = ""
    question: Sentence = Field(default_factory=dict)
    delay_minutes: Delay = 60
    rest_days: RestDays = 0
    every_months: Months = 6
    active_months: Months = 12
    expires_days: ExpiresDays = 14
    purpose: Purpose = ""
    follow_up: FollowUpModel | None = None


class FollowUpOut(BaseModel):
    """For which scores a ticket is opened, where, and who is given it."""

    up_to: int
    queue_id: UUID | None
    priority: Priority
    assignee_id: UUID | None


class SurveyOut(BaseModel):
    """A survey."""

    id: UUID
    version: int
    kind: SurveyKind
    name: str
    position: int
    condition: str
    question: dict[str, str]
    delay_minutes: int
    rest_days: int
    every_months: int
    active_months: int
    expires_days: int
    purpose: str
    follow_up: FollowUpOut | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def terms_in(body: SurveyIn) -> SurveyTerms:
    """The terms that a body states."""
    names = set(SurveyIn.model_fields) - {"kind"}
    stated = {name: getattr(body, name) for name in names}
    return SurveyTerms(**{**stated, "follow_up": _follow_up(body.kind, body.follow_up)})


def changed_by(body: SurveyPatch, kind: SurveyKind, terms: SurveyTerms) -> SurveyTerms:
    """The terms with what a patch mentions."""
    stated = {name: getattr(body, name) for name in body.model_fields_set}
    if "follow_up" in stated:
        stated["follow_up"] = _follow_up(kind, body.follow_up)
    before = {name: getattr(terms, name) for name in SurveyTerms.__dataclass_fields__}
    return SurveyTerms(**{**before, **stated})


def shown(survey: Survey) -> dict[str, Any]:
    """A survey as the API shows one."""
    own = ("id", "version", "kind", "created_at", "updated_at", "archived_at")
    terms, follow_up = survey.terms, survey.terms.follow_up
    parts = FollowUpOut.model_fields
    return {
        **{name: getattr(survey, name) for name in own},
        **{name: getattr(terms, name) for name in SurveyTerms.__dataclass_fields__},
        "follow_up": follow_up and {name: getattr(follow_up, name) for name in parts},
    }


def _follow_up(kind: SurveyKind, body: FollowUpModel | None) -> FollowUp | None:
    if body is None:
        return None
    up_to = BAD_UP_TO[kind] if body.up_to is None else body.up_to
    return FollowUp(up_to, body.queue_id, body.priority, body.assignee_id)
