"""Forms by which visitors of a website open tickets, and what is held back since it looks like abuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact
from desk.ticket_facts.domain import TicketType

MOST_FORMS = 200
MOST_ORIGINS = 20
MOST_WAITING = 1_000
"""How many submissions of one form may wait to be looked at."""
KEPT_FOR = timedelta(days=30)
"""How long a submission waits before it is discarded unseen."""
_MOST_LINKS = 3
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


class Suspicion(StrEnum):
    """Why a submission looks like abuse."""

    HONEYPOT_FILLED = "honeypot_filled"
    ORIGIN_MISSING = "origin_missing"
    MANY_LINKS = "many_links"


class SubmissionState(StrEnum):
    """How a submission stands that was held back."""

    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """What may change about a form: from which pages it is taken, and what tickets come of it."""

    name: str
    allowed_origins: tuple[str, ...]
    type: TicketType = TicketType.QUESTION
    queue_id: UUID | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """What a visitor has sent. `key` makes it count once, `trap` is what only programs fill in."""

    name: str
    email: str
    subject: str
    text: str
    language: str = ""
    key: str = ""
    trap: str = ""
    from_known_page: bool = True

    @classmethod
    def of(cls, answers: Mapping[str, str]) -> Submission:
        """What was held back, without what it was held back for."""
        return cls(
            name=answers["name"],
            email=answers["email"],
            subject=answers["subject"],
            text=answers["text"],
            language=answers["language"],
            key=answers["key"],
        )

    @property
    def suspicions(self) -> tuple[Suspicion, ...]:
        """All that looks like abuse; nothing when it is taken at once."""
        found = [Suspicion.HONEYPOT_FILLED] if self.trap.strip() else []
        if not self.from_known_page:
            found.append(Suspicion.ORIGIN_MISSING)
        if len(_LINK.findall(f"{self.subject} {self.text}")) > _MOST_LINKS:
            found.append(Suspicion.MANY_LINKS)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class TicketFormDefined(Fact):
    """Visitors can open tickets by another form."""

    form: TicketForm
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFormChanged(Fact):
    """Something about it is different."""

    form: TicketForm
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFormArchived(Fact):
    """It takes nothing any more."""

    form: TicketForm
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFormRestored(Fact):
    """It takes what visitors send again."""

    form: TicketForm
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketSubmissionQuarantined(Fact):
    """What came looks like abuse, and waits."""

    submission: HeldSubmission


@dataclass(frozen=True, slots=True)
class TicketSubmissionReviewed(Fact):
    """It became a ticket, or went away."""

    submission: HeldSubmission
    at: datetime


@dataclass(kw_only=True)
class TicketForm(Aggregate):
    """A form; its key is for good."""

    key: str
    definition: FormDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Come into being."""
        self.record(TicketFormDefined(self, self.created_at))

    def change(self, definition: FormDefinition, now: datetime) -> None:
        """Take over `definition`; nothing happens when nothing differs."""
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(TicketFormChanged(self, now))

    def archive(self, now: datetime) -> None:
        """Take nothing any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(TicketFormArchived(self, now))

    def restore(self, now: datetime) -> None:
        """Take what visitors send again; nothing happens to one that does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(TicketFormRestored(self, now))


@dataclass(kw_only=True)
class HeldSubmission(Aggregate):
    """A submission that was held back; its `answers` go once somebody has looked at it."""

    ticket_form_id: UUID
    state: SubmissionState
    reasons: tuple[Suspicion, ...]
    answers: Mapping[str, str]
    received_at: datetime
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    ticket_id: UUID | None = None

    def quarantine(self) -> None:
        """Say that it is held back."""
        self.record(TicketSubmissionQuarantined(self))

    def review(self, ticket_id: UUID | None, actor: str, now: datetime) -> None:
        """Note the ticket that it became, or None that it is no use. Raises `Conflict` unless it waits."""
        self.require_waiting()
        accepted = ticket_id is not None
        self.state = SubmissionState.ACCEPTED if accepted else SubmissionState.DISCARDED
        self.ticket_id, self.answers = ticket_id, {}
        self.reviewed_at, self.reviewed_by = now, actor
        self.record(TicketSubmissionReviewed(self, now))

    def require_waiting(self) -> None:
        """Raises `Conflict` where somebody has decided already."""
        if self.state is not SubmissionState.QUARANTINED:
            message = f"The submission was {self.state} already."
            raise Conflict(message, code="submission_reviewed")
