"""What a pool of coupons is: what its coupons promise, to whom, for how long, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from loyalty.codes.domain import normalized
from loyalty.discounts.domain import Benefit, BenefitKind, Conditions, Stacking

SHORTEST_PUBLIC_CODE = 4


class PoolKind(StrEnum):
    """Whether each coupon has a code of its own, or one code is everybody's."""

    CODES = "codes"
    PUBLIC = "public"


class PoolState(StrEnum):
    """How a pool stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class IssuedOn(StrEnum):
    """What has a coupon of the pool issued by itself."""

    NOTHING = ""
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class Limits:
    """How often coupons may be used; None is without limit.

    `personal` ones are for whom they were issued to; others are for whoever bears them.
    """

    total_uses: int | None = None
    uses_per_person: int | None = None
    uses_per_code: int | None = 1
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Validity:
    """On which days coupons are valid, both ends included, in the zone of whoever holds them.

    `days` counts from the day of issue: a coupon of 30 days that is issued on 1 January is valid until
    the end of 31 January. With several ends the earliest counts.
    """

    first: date | None = None
    last: date | None = None
    days: int | None = None

    def begins_at(self, zone: ZoneInfo) -> datetime | None:
        """The first instant of validity."""
        return None if self.first is None else day_begins(self.first, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime | None:
        """The first instant behind the last day."""
        return None if self.last is None else day_begins(self.last + timedelta(days=1), zone)

    def runs_out_at(self, issued_at: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant behind the days that count from the issue."""
        if self.days is None:
            return None
        issued_on = issued_at.astimezone(zone).date()
        return day_begins(issued_on + timedelta(days=self.days + 1), zone)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone, in UTC; where midnight is skipped, at the instant of the change."""
    return datetime.combine(day, time.min, zone).astimezone(ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """All of a pool that may be changed while its coupons are about, but for what they promise."""

    name: Mapping[str, str]
    description: Mapping[str, str] = field(default_factory=dict)
    campaign: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    limits: Limits = field(default_factory=Limits)
    stacking: Stacking = field(default_factory=Stacking)
    validity: Validity = field(default_factory=Validity)
    issued_on: IssuedOn = IssuedOn.NOTHING
    template: str = ""


@dataclass(frozen=True, slots=True)
class CouponPoolDrafted(Fact):
    """There is a pool whose coupons may not be used yet."""

    pool: CouponPool


@dataclass(frozen=True, slots=True)
class CouponPoolChanged(Fact):
    """Something about a pool is different."""

    pool: CouponPool


@dataclass(frozen=True, slots=True)
class CouponPoolActivated(Fact):
    """Its coupons may be used."""

    pool: CouponPool


@dataclass(frozen=True, slots=True)
class CouponPoolPaused(Fact):
    """Its coupons may not be used for now."""

    pool: CouponPool


@dataclass(frozen=True, slots=True)
class CouponPoolEnded(Fact):
    """Its coupons may never be used again."""

    pool: CouponPool


@dataclass(kw_only=True)
class CouponPool(Aggregate):
    """A kind of coupon, and all that were made of it.

    `public_code` is in its normal form. What was promised stays: the benefit changes in a draft only.
    """

    program_id: UUID
    kind: PoolKind
    public_code: str
    benefit: Benefit
    terms: PoolTerms
    state: PoolState
    created_at: datetime
    updated_at: datetime

    def draft(self) -> None:
        """Come into being. Raises `Invalid`."""
        self._require_sound()
        self.record(CouponPoolDrafted(self))

    def change(self, benefit: Benefit, terms: PoolTerms, now: datetime) -> None:
        """Change it; nothing happens when nothing differs. Raises `Invalid`, `Conflict`."""
        if benefit == self.benefit and terms == self.terms:
            return
        if self.state is PoolState.ENDED:
            raise Conflict("The pool has ended.", code="coupon_pool_ended")
        if benefit != self.benefit and self.state is not PoolState.DRAFT:
            message = "What the coupons promise is settled once the pool was active."
            raise Conflict(message, code="coupon_benefit_settled")
        self.benefit, self.terms, self.updated_at = benefit, terms, now
        self._require_sound()
        self.record(CouponPoolChanged(self))

    def activate(self, now: datetime) -> None:
        """Let its coupons be used. Again changes nothing. Raises `Conflict` once it has ended."""
        if self._goes_to(PoolState.ACTIVE, now):
            self.record(CouponPoolActivated(self))

    def pause(self, now: datetime) -> None:
        """Let none be used for now. Again changes nothing. Raises `Conflict`."""
        if self.state is PoolState.DRAFT:
            raise Conflict("The pool is a draft still.", code="coupon_pool_not_active")
        if self._goes_to(PoolState.PAUSED, now):
            self.record(CouponPoolPaused(self))

    def end(self, now: datetime) -> None:
        """Let none be used ever again. Again changes nothing."""
        if self.state is not PoolState.ENDED and self._goes_to(PoolState.ENDED, now):
            self.record(CouponPoolEnded(self))

    def require_making(self) -> None:
        """Raises `Conflict` where no coupon can be made: it has ended, or one code is everybody's."""
        if self.kind is PoolKind.PUBLIC:
            message = "The pool has one public code; there is none to be made for anybody."
            raise Conflict(message, code="coupon_pool_public")
        if self.state is PoolState.ENDED:
            raise Conflict("The pool has ended.", code="coupon_pool_ended")

    def _goes_to(self, state: PoolState, now: datetime) -> bool:
        if self.state is PoolState.ENDED:
            raise Conflict("The pool has ended.", code="coupon_pool_ended")
        if self.state is state:
            return False
        self.state, self.updated_at = state, now
        return True

    def _require_sound(self) -> None:
        wrong = [*_wrong_benefit(self.benefit), *_wrong_terms(self.terms), *self._wrong_kind()]
        if wrong:
            raise Invalid(wrong[0].message, violations=tuple(wrong))

    def _wrong_kind(self) -> list[Violation]:
        terms, wrong = self.terms, []
        if self.kind is PoolKind.CODES:
            if self.public_code:
                message = "Only a public pool has a code that everybody knows."
                wrong.append(Violation("/public_code", "public_code_unfit", message))
            return wrong
        code = normalized(self.public_code)
        if len(code) < SHORTEST_PUBLIC_CODE or code != self.public_code:
            message = f"A public code is {SHORTEST_PUBLIC_CODE} or more letters and digits."
            wrong.append(Violation("/public_code", "public_code_unfit", message))
        if terms.validity.days is not None:
            message = "A public code is issued to nobody, so no days count from its issue."
            wrong.append(Violation("/valid_days", "valid_days_unfit", message))
        if terms.issued_on or terms.limits.personal:
            message = "A public code is everybody's."
            wrong.append(Violation("/kind", "public_code_personal", message))
        return wrong


def _wrong_terms(terms: PoolTerms) -> list[Violation]:
    validity, wrong = terms.validity, []
    if validity.first and validity.last and validity.last < validity.first:
        message = "The last day lies before the first."
        wrong.append(Violation("/valid_until", "validity_empty", message))
    if terms.stacking.pools and terms.stacking.rule != "with_listed":
        message = "Pools are listed for the rule with_listed alone."
        wrong.append(Violation("/stacking/pools", "stacking_unclear", message))
    return wrong


_NEEDED: Mapping[BenefitKind, str] = {
    BenefitKind.AMOUNT_OFF: "amount",
    BenefitKind.PERCENT_OFF: "percent",
    BenefitKind.FREE_ITEM: "skus",
    BenefitKind.GIFT: "gift",
    BenefitKind.POINTS: "points",
}


def _wrong_benefit(benefit: Benefit) -> list[Violation]:
    """What a benefit lacks, and what it has although its kind takes none."""
    needed, wrong = _NEEDED[benefit.kind], []
    taken = {needed, "amount"} if benefit.kind is BenefitKind.PERCENT_OFF else {needed}
    for name in _NEEDED.values():
        given = getattr(benefit, name)
        if name == needed and not given:
            message = f"The benefit {benefit.kind} needs this."
            wrong.append(Violation(f"/benefit/{name}", "benefit_incomplete", message))
        elif name not in taken and given:
            message = f"The benefit {benefit.kind} does not take this."
            wrong.append(Violation(f"/benefit/{name}", "benefit_unclear", message))
    if benefit.amount is not None and not benefit.amount.amount > 0:
        message = "An amount is more than nothing."
        wrong.append(Violation("/benefit/amount/amount", "benefit_incomplete", message))
    return wrong
