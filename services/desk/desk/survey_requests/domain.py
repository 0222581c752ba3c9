"""That somebody was asked how content they are, and what they said: once for each resolution (DE-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Unpublished
from desk.surveys.domain import SCORES, SurveyKind

CORRECTED_WITHIN = timedelta(days=7)
"""For so long after the first answer another one corrects it; what comes later is refused."""
LONGEST_COMMENT = 2_000


class RequestState(StrEnum):
    """How it stands. Whoever was asked may be past answering: `expires_at` tells."""

    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why nobody was asked after all."""

    REOPENED = "reopened"
    MERGED = "merged"
    SURVEY_ARCHIVED = "survey_archived"
    NOBODY = "nobody"
    ASKED_LATELY = "asked_lately"


class Undelivered(StrEnum):
    """Why what was sent did not reach whoever was asked, as notifications tells it."""

    HELD_BACK = "held_back"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Concern:
    """What it is about, and who had to do with it when it was resolved; nothing for no ticket.

    `round` counts how often the ticket had been reopened before.
    """

    ticket_id: UUID | None = None
    round: int = 0
    queue_id: UUID | None = None
    team_id: UUID | None = None
    assignee_id: UUID | None = None
    product_sku: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class RequestTold:
    """What facts say of it."""

    request_id: UUID
    survey_id: UUID
    kind: SurveyKind
    person_id: UUID | None
    concern: Concern


@dataclass(frozen=True, slots=True)
class RequestFact(Fact):
    """Something happened to it; `at` is when."""

    told: RequestTold
    at: datetime


@dataclass(frozen=True, slots=True)
class SurveyPlanned(RequestFact):
    """Somebody is to be asked at that time."""


@dataclass(frozen=True, slots=True)
class SurveyCancelled(RequestFact):
    """Somebody is not asked after all."""

    reason: CancelReason


@dataclass(frozen=True, slots=True)
class SurveySent(RequestFact):
    """Somebody was asked."""

    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SurveyMailWanted(Fact):
    """Notifications is asked to send the link."""

    request: SurveyRequest
    link: str
    purpose: str
    number: str


@dataclass(frozen=True, slots=True)
class SurveyUndelivered(RequestFact):
    """What somebody was asked by did not reach them."""

    reason: Undelivered


@dataclass(frozen=True, slots=True)
class SurveyMessageStood(Unpublished):
    """The message stands otherwise than before, which notifications has told already."""


@dataclass(frozen=True, slots=True)
class SurveyAnswered(RequestFact):
    """Somebody has answered, for the first time."""

    score: int
    commented: bool


@dataclass(frozen=True, slots=True)
class SurveyAnswerCorrected(RequestFact):
    """Somebody has answered otherwise than before."""

    score: int
    previous_score: int
    commented: bool


@dataclass(frozen=True, slots=True)
class SurveyFollowedUp(RequestFact):
    """A ticket was opened for a bad score."""

    ticket_id: UUID
    score: int


@dataclass(kw_only=True)
class SurveyRequest(Aggregate):
    """Somebody is asked by a survey: a person, or whoever has an address.

    Scores count by this, so that each counts once whatever is corrected. `told_version` is how far
    notifications has told of the message.
    """

    survey_id: UUID
    kind: SurveyKind
    concern: Concern
    person_id: UUID | None
    address: str
    state: RequestState = RequestState.PLANNED
    reason: str = ""
    planned_at: datetime
    send_at: datetime
    sent_at: datetime | None = None
    expires_at: datetime | None = None
    answered_at: datetime | None = None
    corrected_at: datetime | None = None
    score: int | None = None
    comment: str = ""
    follow_up_ticket_id: UUID | None = None
    undelivered: Undelivered | None = None
    told_version: int = 0

    def plan(self) -> None:
        """Be asked later on."""
        self.record(SurveyPlanned(self._told, self.send_at))

    def cancel(self, reason: CancelReason, now: datetime) -> None:
        """Not be asked after all."""
        self.state, self.reason = RequestState.CANCELLED, reason
        self.record(SurveyCancelled(self._told, now, reason))

    def send(self, expires_at: datetime, now: datetime) -> None:
        """Be asked."""
        self.state, self.sent_at, self.expires_at = RequestState.SENT, now, expires_at
        self.record(SurveySent(self._told, now, expires_at))

    def write(self, link: str, purpose: str, number: str) -> None:
        """Have the link sent; `number` is that of the ticket, empty for none."""
        self.record(SurveyMailWanted(self, link, purpose, number))

    def follow(self, undelivered: Undelivered | None, version: int, now: datetime) -> None:
        """Take what notifications says of the message: None is that it is under way, or has arrived.

        What was told before something else is passed over, in whatever order it comes.
        """
        if version <= self.told_version:
            return
        was_undelivered = self.undelivered is not None
        self.undelivered, self.told_version = undelivered, version
        if undelivered is not None and not was_undelivered:
            self.record(SurveyUndelivered(self._told, now, undelivered))
        else:
            self.record(SurveyMessageStood())

    def can_answer(self, now: datetime) -> bool:
        """Whether an answer counts now: the first until it expires, others for some days after it."""
        if self.state is RequestState.ANSWERED and self.answered_at is not None:
            return now < self.answered_at + CORRECTED_WITHIN
        is_sent = self.state is RequestState.SENT
        return is_sent and self.expires_at is not None and now < self.expires_at

    def answer(self, score: int, comment: str, now: datetime) -> None:
        """Take what somebody says; the same again changes nothing.

        Raises `Invalid` for a score that cannot be, `Conflict` when it is too late.
        """
        if score not in SCORES[self.kind]:
            message = f"The scores of {self.kind} go from {SCORES[self.kind][0]} on."
            raise Invalid.at("/score", "score_impossible", message)
        if not self.can_answer(now):
            message = "It was answered long ago, or can be answered no longer."
            raise Conflict(message, code="survey_closed")
        before = self.score
        if before is not None and (before, self.comment) == (score, comment):
            return
        self.score, self.comment = score, comment
        if before is None:
            self.state, self.answered_at = RequestState.ANSWERED, now
            self.record(SurveyAnswered(self._told, now, score, bool(comment)))
        else:
            self.corrected_at = now
            self.record(SurveyAnswerCorrected(self._told, now, score, before, bool(comment)))

    def follow_up(self, ticket_id: UUID, now: datetime) -> None:
        """Have led to a ticket."""
        self.follow_up_ticket_id = ticket_id
        self.record(SurveyFollowedUp(self._told, now, ticket_id, self.score or 0))

    @property
    def _told(self) -> RequestTold:
        return RequestTold(self.id, self.survey_id, self.kind, self.person_id, self.concern)
