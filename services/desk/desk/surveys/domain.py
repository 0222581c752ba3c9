"""What customers are asked about their satisfaction, when, and what a bad score leads to (DE-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from desk.ticket_facts.domain import Priority

MOST_SURVEYS = 100
"""How many a tenant may have, archived ones included."""


class SurveyKind(StrEnum):
    """What is asked.

    `csat`: how content somebody is with how a ticket was dealt with, from 1 to 5. `nps`: how likely
    somebody is to recommend the tenant, from 0 to 10, as Reichheld has it ("The One Number You Need
    to Grow", Harvard Business Review, December 2003).
    """

    CSAT = "csat"
    NPS = "nps"


SCORES: Mapping[SurveyKind, range] = {SurveyKind.CSAT: range(1, 6), SurveyKind.NPS: range(11)}
"""The scores that can be given."""
CONTENT_FROM = 4
"""From which score on a customer counts as content, of 5."""
PROMOTERS_FROM, DETRACTORS_UP_TO = 9, 6
"""Who counts as a promoter and who as a detractor; 7 and 8 are neither."""
BAD_UP_TO: Mapping[SurveyKind, int] = {SurveyKind.CSAT: 2, SurveyKind.NPS: DETRACTORS_UP_TO}
"""What is a bad score where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a score of `up_to` or worse leads to: a ticket in a queue, and in the hands of `assignee_id`.

    Without a queue it goes where the ticket was that the survey was about; without anybody to take
    care of it, it waits there as others do. Who leads the queue's team, or else serves the queue, is
    told of what still waits after five minutes.
    """

    up_to: int
    queue_id: UUID | None = None
    priority: Priority = Priority.HIGH
    assignee_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SurveyTerms:
    """What a survey asks, of whom, and when.

    Of those for resolved tickets the first in the order of positions whose condition holds is asked,
    `delay_minutes` after the resolution, and nobody within `rest_days` of the last time. One for
    recommendation goes, every so many months, to each person who has had to do with the desk in the
    last `active_months`; `purpose` is the one that contacts has to hold a consent for. An empty
    purpose is that of a message which belongs to the ticket and needs none.
    """

    name: str
    position: int = 100
    condition: str = ""
    question: Mapping[str, str] = field(default_factory=dict)
    delay_minutes: int = 60
    rest_days: int = 0
    every_months: int = 6
    active_months: int = 12
    expires_days: int = 14
    purpose: str = ""
    follow_up: FollowUp | None = None


@dataclass(frozen=True, slots=True)
class SurveyFact(Fact):
    """Something happened to a survey."""

    survey: Survey


@dataclass(frozen=True, slots=True)
class SurveyCreated(SurveyFact):
    """Customers are asked by another survey."""


@dataclass(frozen=True, slots=True)
class SurveyChanged(SurveyFact):
    """Something about a survey is different."""


@dataclass(frozen=True, slots=True)
class SurveyArchived(SurveyFact):
    """Nobody is asked by it any more."""


@dataclass(frozen=True, slots=True)
class SurveyRestored(SurveyFact):
    """Customers are asked by it again."""


@dataclass(kw_only=True)
class Survey(Aggregate):
    """A survey."""

    kind: SurveyKind
    terms: SurveyTerms
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def create(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_possible(self.kind, self.terms)
        self.record(SurveyCreated(self))

    def change(self, terms: SurveyTerms, now: datetime) -> bool:
        """Be written anew; tells whether anything differs. Raises `Invalid`."""
        _require_possible(self.kind, terms)
        if terms == self.terms:
            return False
        self.terms, self.updated_at = terms, now
        self.record(SurveyChanged(self))
        return True

    def archive(self, now: datetime) -> bool:
        """Have nobody asked by it any more; tells whether anybody was."""
        if self.archived_at is not None:
            return False
        self.archived_at = self.updated_at = now
        self.record(SurveyArchived(self))
        return True

    def restore(self, now: datetime) -> bool:
        """Have customers asked by it again; tells whether they were not."""
        if self.archived_at is None:
            return False
        self.archived_at, self.updated_at = None, now
        self.record(SurveyRestored(self))
        return True


def _require_possible(kind: SurveyKind, terms: SurveyTerms) -> None:
    if not terms.name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")
    if kind is SurveyKind.NPS and not terms.purpose:
        message = "Nobody has asked for it: name the purpose that they have consented to."
        raise Invalid.at("/purpose", "purpose_missing", message)
    if kind is SurveyKind.NPS and terms.condition:
        message = "It is about no ticket, so no condition can hold."
        raise Invalid.at("/condition", "condition_without_ticket", message)
    if terms.follow_up is not None and terms.follow_up.up_to not in SCORES[kind]:
        message = f"The scores of {kind} go from {SCORES[kind][0]} to {SCORES[kind][-1]}."
        raise Invalid.at("/follow_up/up_to", "score_impossible", message)
