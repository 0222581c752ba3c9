"""What a program is: whom it takes, what its points are worth, and by which policies they live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from chassis.money import minor_unit

POINT_PLACES = 6
"""Points may be worth less than the smallest coin: so many decimal places at most."""
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class ProgramStatus(StrEnum):
    """How far a program has come."""

    DRAFT = "draft"
    ACTIVE = "active"
    CLOSED = "closed"


class LeapDay(StrEnum):
    """On which day of other years whoever was born on 29 February has their birthday."""

    FEBRUARY_28 = "february_28"
    MARCH_1 = "march_1"


class PurchaseMoment(StrEnum):
    """When a purchase counts as made."""

    PLACED = "placed"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The ways in which somebody becomes a member.

    `interaction_kinds` are kinds of contacts' interactions, such as `sign_up`.
    """

    by_api: bool = True
    interaction_kinds: tuple[str, ...] = ()
    first_purchase: PurchaseMoment | None = None


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How new members' numbers are written: the prefix, so many digits by chance, a check digit."""

    prefix: str = ""
    digits: int = 10


@dataclass(frozen=True, slots=True)
class PendingPolicy:
    """For how many days points wait before they count, where a rule does not say otherwise."""

    days: int = 0


class ExpiryKind(StrEnum):
    """By what points grow old."""

    NEVER = "never"
    AFTER_MONTHS = "after_months"
    ON_DAY = "on_day"
    INACTIVITY = "inactivity"


class ExpiryEnd(StrEnum):
    """Up to the end of what points last, in the member's time zone."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class ExpiryPolicy:
    """When points expire.

    `after_months`: so many `months` after they were earned, at the end of that day, month or year
    (`at_end_of`). `on_day`: with the end of the first `month` and `day` at least `months` after they
    were earned. `inactivity`: all at once, `months` after the member last earned or spent any.
    Members are told `notice_days` before, by the template of notifications that is named, if any.
    """

    kind: ExpiryKind = ExpiryKind.NEVER
    months: int = 0
    at_end_of: ExpiryEnd = ExpiryEnd.DAY
    month: int = 12
    day: int = 31
    notice_days: tuple[int, ...] = (30,)
    notice_template: str = ""


class WhenSpent(StrEnum):
    """What happens when points are to be taken back that were spent already."""

    OWE = "owe"
    WRITE_OFF = "write_off"


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    """Who bears it when an earning is taken back after its points were spent.

    `owe`: the member's points fall below zero, and what they earn next makes up for it.
    `write_off`: what is left is taken, and the rest is the program's loss.
    """

    when_spent: WhenSpent = WhenSpent.OWE


@dataclass(frozen=True, slots=True)
class AdjustmentPolicy:
    """How many points one user may give or take by hand, of a member and within a day, alone.

    What goes beyond waits for a second person, for `wait_days`.
    """

    limit: int = 0
    wait_days: int = 14


@dataclass(frozen=True, slots=True)
class Policies:
    """By what a program's points live."""

    pending: PendingPolicy = PendingPolicy()
    expiry: ExpiryPolicy = ExpiryPolicy()
    refunds: RefundPolicy = RefundPolicy()
    adjustments: AdjustmentPolicy = AdjustmentPolicy()


@dataclass(frozen=True, slots=True)
class ProgramTerms:
    """What is decided about a program.

    `point_value` is what a point is worth in `currency`. `time_zone` is an IANA name: days are
    reckoned by it for members whose own zone is not known.
    """

    name: str
    currency: str
    description: str = ""
    points_name: Mapping[str, str] = field(default_factory=lambda: {"en": "points"})
    point_value: Decimal = Decimal(0)
    time_zone: str = "UTC"
    leap_day: LeapDay = LeapDay.FEBRUARY_28
    enrolment: Enrolment = Enrolment()
    numbers: NumberFormat = NumberFormat()
    policies: Policies = Policies()


@dataclass(frozen=True, slots=True)
class ProgramCreated(Fact):
    """There is a program that was not there before."""

    program: Program


@dataclass(frozen=True, slots=True)
class ProgramChanged(Fact):
    """Other terms hold from now on."""

    program: Program


@dataclass(frozen=True, slots=True)
class ProgramOpened(Fact):
    """A program takes members from now on."""

    program: Program


@dataclass(frozen=True, slots=True)
class ProgramClosed(Fact):
    """A program takes nobody any more, and earns nobody anything."""

    program: Program


@dataclass(kw_only=True)
class Program(Aggregate):
    """What customers are members of.

    `redeem_until` is the last day, in the program's zone, on which members of a closed one may
    spend their points; None when there is no such day.
    """

    key: str
    terms: ProgramTerms
    status: ProgramStatus = ProgramStatus.DRAFT
    redeem_until: date | None = None
    created_at: datetime
    updated_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    def create(self) -> None:
        """Come into being, as a draft. Raises `Invalid` for terms that cannot be."""
        _require_possible(self.terms)
        self.record(ProgramCreated(self))

    def change(self, terms: ProgramTerms, now: datetime) -> None:
        """Go by other terms; nothing happens when none differs.

        Raises `Invalid`, and `Conflict` for another currency of a program that was opened: its
        points are worth something in it.
        """
        _require_possible(terms)
        if terms == self.terms:
            return
        if terms.currency != self.terms.currency and self.opened_at is not None:
            raise Conflict(
                "The currency stays once a program was opened.", code="program_currency_fixed"
            )
        self.terms, self.updated_at = terms, now
        self.record(ProgramChanged(self))

    def open(self, now: datetime) -> None:
        """Take members, or take them again; nothing happens when it does so already."""
        if self.status is ProgramStatus.ACTIVE:
            return
        self.status, self.redeem_until, self.closed_at = ProgramStatus.ACTIVE, None, None
        self.opened_at, self.updated_at = self.opened_at or now, now
        self.record(ProgramOpened(self))

    def close(self, redeem_until: date | None, now: datetime) -> None:
        """Take nobody any more; what members have may be spent until a day.

        A closed one gets another day. Raises `Conflict` for a draft, `Invalid` for a day gone by.
        """
        if self.status is ProgramStatus.DRAFT:
            raise Conflict("A draft was never open.", code="program_draft")
        if redeem_until is not None and redeem_until < now.astimezone(self.zone).date():
            raise Invalid.at("/redeem_until", "day_past", "The day has gone by already.")
        if self.status is ProgramStatus.CLOSED and redeem_until == self.redeem_until:
            return
        self.status, self.redeem_until = ProgramStatus.CLOSED, redeem_until
        self.closed_at, self.updated_at = self.closed_at or now, now
        self.record(ProgramClosed(self))

    def require_active(self) -> None:
        """Raise `Conflict` unless it takes members."""
        if self.status is not ProgramStatus.ACTIVE:
            raise Conflict(f"The program is {self.status}.", code="program_not_active")

    @property
    def zone(self) -> ZoneInfo:
        """By what days are reckoned for members whose own zone is not known."""
        return ZoneInfo(self.terms.time_zone)


def may_redeem(
    status: ProgramStatus, redeem_until: date | None, now: datetime, zone: ZoneInfo
) -> bool:
    """Whether members of a program may spend points now."""
    if status is ProgramStatus.CLOSED:
        return redeem_until is not None and now.astimezone(zone).date() <= redeem_until
    return status is ProgramStatus.ACTIVE


def _require_possible(terms: ProgramTerms) -> None:
    if not terms.name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")
    minor_unit(terms.currency)
    try:
        ZoneInfo(terms.time_zone)
    except (KeyError, ValueError, OSError):
        message = f"{terms.time_zone!r} is no time zone of the IANA database."
        raise Invalid.at("/time_zone", "time_zone_unknown", message) from None
    _require_possible_expiry(terms.policies.expiry)


def _require_possible_expiry(expiry: ExpiryPolicy) -> None:
    at = "/policies/expiry"
    if expiry.kind in (ExpiryKind.AFTER_MONTHS, ExpiryKind.INACTIVITY) and expiry.months < 1:
        message = "It takes a month at least for points to expire."
        raise Invalid.at(f"{at}/months", "months_missing", message)
    if expiry.kind is ExpiryKind.ON_DAY and expiry.day > _DAYS_OF_MONTH[expiry.month - 1]:
        raise Invalid.at(f"{at}/day", "no_such_day", "The month does not have so many days.")
    if len(set(expiry.notice_days)) != len(expiry.notice_days):
        raise Invalid.at(f"{at}/notice_days", "notice_twice", "A day is named twice.")
