"""Standings as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body, Moment
from loyalty.names import Key, Reason
from loyalty.tier_standings.domain import MoveCause, MoveKind
from loyalty.tiers.domain import QualifyBy
from loyalty.tiers.models import BenefitOut


class GrantIn(Body):
    """A tier to be in until a time, whatever the member has of what counts; and why."""

    tier: Key
    until: Moment
    reason: Reason


class GrantOut(BaseModel):
    """A tier that somebody gave."""

    tier: str
    until: datetime
    reason: str
    by: str


class StandingTierOut(BaseModel):
    """The tier that a member is in, since when; `rank` counts from 0 for the lowest."""

    key: str
    name: dict[str, str]
    rank: int
    benefits: list[BenefitOut]
    since: datetime


class NextTierOut(BaseModel):
    """The next higher tier, and how much more it takes within the window of today."""

    key: str
    name: dict[str, str]
    threshold: str
    missing: str


class KeepingOut(BaseModel):
    """What it takes to keep the tier that was earned: `missing` more, counted before `until`.

    Without `until` it is kept by what there is. `falls_to` is the tier that is left otherwise.
    """

    key: str
    threshold: str
    missing: str
    until: datetime | None
    falls_to: str | None


class StandingOut(BaseModel):
    """In which tier a member is, by what, and what is missing.

    Amounts are decimal numbers: points, purchases, or money in `currency`. `value` is what counts
    from `window_from` until before `window_until`, in days of `time_zone`. `at_risk_since` says that
    there is not enough for the tier any more, and `loses_at` when it is lost.
    """

    member_id: UUID
    program_id: UUID
    version: int
    revision: int
    by: QualifyBy
    currency: str | None
    value: str
    window_from: date | None
    window_until: date | None
    time_zone: str
    tier: StandingTierOut | None
    earned: str | None
    next: NextTierOut | None
    keeping: KeepingOut | None
    at_risk_since: datetime | None
    loses_at: datetime | None
    grant: GrantOut | None


class CountedOut(BaseModel):
    """Something that counted: what is left of it after what was taken back."""

    at: datetime
    amount: str
    kind: str
    reference: str


class ExplanationOut(BaseModel):
    """What a step came of: the window, what was in it, and the latest of what counted."""

    by: QualifyBy
    value: str
    holds: str
    window_from: date | None
    window_until: date | None
    time_zone: str
    counted: list[CountedOut]
    counted_more: int


class MoveOut(BaseModel):
    """A step in a member's history: from one tier into another, none for null."""

    id: UUID
    kind: MoveKind
    before: str | None
    after: str | None
    cause: MoveCause
    actor: str
    revision: int
    explanation: ExplanationOut
    at: datetime
