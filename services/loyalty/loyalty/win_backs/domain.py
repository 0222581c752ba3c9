"""What is offered to customers who drift away or were lost, to whom, and who is held out to compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Money
from loyalty.retention.domain import CustomerState, ValueBand

MOST_DAYS = 3650
MOST_POINTS = 1_000_000_000
_SHARES = 1_000_000


class WinBackStatus(StrEnum):
    """How far a win-back has come."""

    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"


class OfferKind(StrEnum):
    """What is offered."""

    POINTS = "points"
    COUPON = "coupon"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody gets: points that expire after some days, a coupon of a pool, or a message alone.

    `template` is one of notifications; for a coupon it is the pool's that tells of it. `purpose` is
    what contacts asks consent for; empty for none.
    """

    kind: OfferKind
    points: int | None = None
    points_days: int | None = None
    pool_id: UUID | None = None
    template: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is made the offer.

    Members in one of the states for `wait_days`; of any worth without `value_bands`. To nobody
    within `between_days` of another offer, or of being held out of one. `control_percent` of them are held out: they get nothing,
    and show who would have come back anyway.
    """

    states: tuple[CustomerState, ...]
    value_bands: tuple[ValueBand, ...] = ()
    wait_days: int = 0
    between_days: int = 0
    control_percent: Decimal = Decimal(10)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is said of a win-back; a purchase within `counts_days` of the offer counts as its result."""

    name: Mapping[str, str]
    audience: Audience
    offer: Offer
    counts_days: int = 30


@dataclass(frozen=True, slots=True)
class WinBackDefined(Fact):
    """There is a win-back that was not there before."""

    win_back_id: UUID
    program_id: UUID


@dataclass(frozen=True, slots=True)
class WinBackChanged(Fact):
    """What it offers, or to whom, is another."""

    win_back_id: UUID


@dataclass(frozen=True, slots=True)
class WinBackBegun(Fact):
    """From now on it makes its offers."""

    win_back_id: UUID


@dataclass(frozen=True, slots=True)
class WinBackEnded(Fact):
    """It makes no further offers."""

    win_back_id: UUID


@dataclass(frozen=True, slots=True)
class WinBackSent(Fact):
    """A customer was made an offer."""

    offer_id: UUID
    win_back_id: UUID
    person_id: UUID
    member_id: UUID
    kind: OfferKind
    sent_at: datetime
    counts_until: datetime
    coupon_id: UUID | None


@dataclass(frozen=True, slots=True)
class WinBackWon(Fact):
    """A customer who was made an offer has bought again in time."""

    offer_id: UUID
    win_back_id: UUID
    person_id: UUID
    won_at: datetime
    revenue: Money | None


@dataclass(kw_only=True)
class WinBack(Aggregate):
    """An offer to members of a program who drift away or were lost: once for each time that they do."""

    program_id: UUID
    plan: Plan
    status: WinBackStatus
    created_at: datetime
    updated_at: datetime
    begun_at: datetime | None = None
    ended_at: datetime | None = None

    def define(self) -> None:
        """Come into being. Raises `Invalid` for an offer of nothing, or of two things."""
        _require_sound(self.plan)
        self.record(WinBackDefined(self.id, self.program_id))

    def change(self, plan: Plan, now: datetime) -> None:
        """Say otherwise, before it has begun. Raises `Invalid`, `Conflict`."""
        _require_sound(plan)
        if self.status is not WinBackStatus.DRAFT:
            message = (
                "What is offered to whom stays once it was begun, or results could not be compared."
            )
            raise Conflict(message, code="win_back_begun")
        if plan != self.plan:
            self.plan, self.updated_at = plan, now
            self.record(WinBackChanged(self.id))

    def begin(self, now: datetime) -> None:
        """Make offers from now on; again is no error. Raises `Conflict` once it has ended."""
        if self.status is WinBackStatus.ENDED:
            raise Conflict("The win-back has ended: define another.", code="win_back_ended")
        if self.status is WinBackStatus.DRAFT:
            self.status, self.begun_at, self.updated_at = WinBackStatus.RUNNING, now, now
            self.record(WinBackBegun(self.id))

    def end(self, now: datetime) -> None:
        """Make no further offers; again is no error."""
        if self.status is not WinBackStatus.ENDED:
            self.status, self.ended_at, self.updated_at = WinBackStatus.ENDED, now, now
            self.record(WinBackEnded(self.id))


def is_held_out(win_back_id: UUID, person_id: UUID, control_percent: Decimal) -> bool:
    """Whether a person is in the control group.

    By chance, but the same whenever and wherever it is asked: the SHA-256 of both ids decides.
    """
    digest = hashlib.sha256(win_back_id.bytes + person_id.bytes).digest()
    share = int.from_bytes(digest[:8]) % _SHARES
    return share < control_percent * _SHARES / 100


def _require_sound(plan: Plan) -> None:
    audience, offer = plan.audience, plan.offer
    if not audience.states or CustomerState.ACTIVE in audience.states:
        message = "Who is there already need not be won back: drifting, lapsed, or both."
        raise Invalid.at("/audience/states", "states_impossible", message)
    if (offer.kind is OfferKind.POINTS) != (offer.points is not None):
        message = "How many points is said where points are offered, and only there."
        raise Invalid.at("/offer/points", "offer_unclear", message)
    if offer.points is None and offer.points_days is not None:
        raise Invalid.at("/offer/points_days", "offer_unclear", "No points are offered.")
    if (offer.kind is OfferKind.COUPON) != (offer.pool_id is not None):
        message = "The pool is said where a coupon is offered, and only there."
        raise Invalid.at("/offer/pool_id", "offer_unclear", message)
    if offer.kind is OfferKind.MESSAGE and not offer.template:
        raise Invalid.at("/offer/template", "offer_unclear", "A message needs a template.")
    if offer.kind is OfferKind.COUPON and offer.template:
        message = "The pool's own template tells of its coupons."
        raise Invalid.at("/offer/template", "offer_unclear", message)
