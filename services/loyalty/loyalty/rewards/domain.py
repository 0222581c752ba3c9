"""What a reward is: what members can have for points, who can, for how long, and how they get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from loyalty.coupon_pools.domain import Validity, day_begins

MOST_POINTS = 1_000_000_000
MOST_STOCK = 1_000_000_000
LONGEST_HOLD = 366


class RewardKind(StrEnum):
    """What a reward is."""

    GOOD = "good"
    VOUCHER = "voucher"
    SERVICE = "service"
    PRIVILEGE = "privilege"


class Fulfilment(StrEnum):
    """How a member gets it: in a branch by a one-time code, shipped, rendered by staff, or as a coupon."""

    COLLECT = "collect"
    SHIP = "ship"
    SERVE = "serve"
    CODE = "code"


class Stocking(StrEnum):
    """Whether there are only so many, in one stock or in each branch."""

    UNLIMITED = "unlimited"
    TOTAL = "total"
    BY_BRANCH = "by_branch"


class Period(StrEnum):
    """Within what a member may have so many: since the beginning of the day, month or year, or ever."""

    EVER = "ever"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class RewardState(StrEnum):
    """How a reward stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Ration:
    """How many a member may have within a period of their own calendar; None is without limit."""

    most: int | None = None
    period: Period = Period.EVER

    def begins_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Since when those that a member has had count; None for all."""
        today = now.astimezone(zone).date()
        first = {
            Period.EVER: None,
            Period.YEAR: today.replace(month=1, day=1),
            Period.MONTH: today.replace(day=1),
            Period.DAY: today,
        }[self.period]
        return None if first is None else day_begins(first, zone)


@dataclass(frozen=True, slots=True)
class RewardTerms:
    """All that may be changed about a reward; what is reserved stays as it was.

    `tiers` are the keys of those whose members can have it, none for all. `coupon_pool_id` is the pool of
    which a coupon is issued, for the fulfilment `code`. A reservation is held until the end of the
    day `hold_days` after it. Of a reward that comes back `return_percent` of the points are given
    back, rounded down.
    """

    name: Mapping[str, str]
    points: int
    kind: RewardKind = RewardKind.GOOD
    description: Mapping[str, str] = field(default_factory=dict)
    image_url: str = ""
    fulfilment: Fulfilment = Fulfilment.COLLECT
    coupon_pool_id: UUID | None = None
    tiers: Sequence[str] = ()
    validity: Validity = field(default_factory=Validity)
    ration: Ration = field(default_factory=Ration)
    hold_days: int = 14
    return_percent: int = 100


@dataclass(frozen=True, slots=True)
class RewardDrafted(Fact):
    """There is a reward that nobody can have yet."""

    reward: Reward


@dataclass(frozen=True, slots=True)
class RewardChanged(Fact):
    """Something about it is different."""

    reward: Reward


@dataclass(frozen=True, slots=True)
class RewardActivated(Fact):
    """Members can have it."""

    reward: Reward


@dataclass(frozen=True, slots=True)
class RewardPaused(Fact):
    """Nobody can reserve it for now."""

    reward: Reward


@dataclass(frozen=True, slots=True)
class RewardEnded(Fact):
    """Nobody can reserve it any more."""

    reward: Reward


@dataclass(frozen=True, slots=True)
class RewardRestored(Fact):
    """It is back, paused."""

    reward: Reward


@dataclass(frozen=True, slots=True)
class RewardStockChanged(Fact):
    """Pieces came in, or went out, other than to members."""

    reward_id: UUID
    branch: str
    change: int
    reason: str


@dataclass(kw_only=True)
class Reward(Aggregate):
    """What members of a program can have for points. How it is stocked is settled for good."""

    program_id: UUID
    stocking: Stocking
    terms: RewardTerms
    state: RewardState
    created_at: datetime
    updated_at: datetime

    def draft(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_sound(self.terms)
        self.record(RewardDrafted(self))

    def change(self, terms: RewardTerms, now: datetime) -> None:
        """Change it; nothing happens when nothing differs. Raises `Invalid`, `Conflict`."""
        if terms == self.terms:
            return
        self._require_going_on()
        _require_sound(terms)
        self.terms, self.updated_at = terms, now
        self.record(RewardChanged(self))

    def activate(self, now: datetime) -> None:
        """Let members have it. Again changes nothing. Raises `Conflict` once it has ended."""
        if self._goes_to(RewardState.ACTIVE, now):
            self.record(RewardActivated(self))

    def pause(self, now: datetime) -> None:
        """Let nobody reserve it for now. Again changes nothing. Raises `Conflict`."""
        if self.state is RewardState.DRAFT:
            raise Conflict("The reward is a draft still.", code="reward_not_active")
        if self._goes_to(RewardState.PAUSED, now):
            self.record(RewardPaused(self))

    def end(self, now: datetime) -> None:
        """Let nobody reserve it any more. Again changes nothing."""
        if self.state is not RewardState.ENDED and self._goes_to(RewardState.ENDED, now):
            self.record(RewardEnded(self))

    def restore(self, now: datetime) -> None:
        """Be back, paused, with the stock that is left; nothing happens to one that has not ended."""
        if self.state is RewardState.ENDED:
            self.state, self.updated_at = RewardState.PAUSED, now
            self.record(RewardRestored(self))

    def change_stock(self, branch: str, change: int, reason: str) -> None:
        """Say that pieces came in or went out. Raises `Conflict`, `Invalid` for none at all."""
        self._require_going_on()
        if not change:
            raise Invalid.at("/change", "change_missing", "Say how many came in or went out.")
        self.record(RewardStockChanged(self.id, branch, change, reason))

    def stock_of(self, branch: str) -> str | None:
        """Which stock serves a branch: None for none, "" for the one of all. Raises `Invalid`."""
        if self.stocking is Stocking.UNLIMITED:
            return None
        if self.stocking is Stocking.TOTAL:
            return ""
        if not branch:
            message = "The reward is stocked in each branch: say in which."
            raise Invalid.at("/branch", "branch_missing", message)
        return branch

    def require_available(self, now: datetime, zone: ZoneInfo, tier: str | None) -> None:
        """Raise `Conflict` unless a member of a tier, who lives by a zone, can reserve it now."""
        terms = self.terms
        if self.state is not RewardState.ACTIVE:
            raise Conflict("The reward cannot be had now.", code="reward_not_active")
        begins, ends = terms.validity.begins_at(zone), terms.validity.ends_at(zone)
        if (begins is not None and now < begins) or (ends is not None and now >= ends):
            raise Conflict("The reward cannot be had on this day.", code="reward_not_valid")
        if terms.tiers and tier not in terms.tiers:
            raise Conflict(
                "The reward is for members of other tiers.", code="reward_for_other_tiers"
            )

    def held_until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Until when a reservation of now is held: the first instant behind its last day."""
        today: date = now.astimezone(zone).date()
        return day_begins(today + timedelta(days=self.terms.hold_days + 1), zone)

    def _goes_to(self, state: RewardState, now: datetime) -> bool:
        self._require_going_on()
        if self.state is state:
            return False
        self.state, self.updated_at = state, now
        return True

    def _require_going_on(self) -> None:
        if self.state is RewardState.ENDED:
            raise Conflict("The reward has ended.", code="reward_ended")


def _require_sound(terms: RewardTerms) -> None:
    wrong = []
    if (terms.coupon_pool_id is not None) != (terms.fulfilment is Fulfilment.CODE):
        message = "A pool is needed for the fulfilment code, and for no other."
        wrong.append(Violation("/coupon_pool_id", "coupon_pool_unfit", message))
    first, last = terms.validity.first, terms.validity.last
    if first is not None and last is not None and last < first:
        message = "The last day lies before the first."
        wrong.append(Violation("/valid_until", "validity_empty", message))
    if terms.image_url and not terms.image_url.startswith("https://"):
        message = "The address of an image begins with https://."
        wrong.append(Violation("/image_url", "image_url_unfit", message))
    if wrong:
        raise Invalid(wrong[0].message, violations=tuple(wrong))
