"""What a rule by which people earn points says: when it is judged, what it gives, how much at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from chassis.domain import Invalid, Money
from loyalty.happenings.domain import HappeningKind

MOST_POINTS = 10**9
"""No rule gives more points at once, whatever it says."""
MOST_FACTOR = Decimal(100)

TRIGGERS = tuple(
    kind
    for kind in HappeningKind
    if kind
    not in (
        HappeningKind.ORDER_RETURNED,
        HappeningKind.ORDER_REFUNDED,
        HappeningKind.ORDER_CANCELLED,
    )
)
"""What points are earned by: not by what takes them back."""


class Basis(StrEnum):
    """Which amounts of a purchase count: without tax, or with it."""

    NET = "net"
    TOTAL = "total"


class Rounding(StrEnum):
    """Where what is less than a point is cut off: once for the whole purchase, or for each line."""

    WHOLE = "whole"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Fixed:
    """So many points each time."""

    points: int


@dataclass(frozen=True, slots=True)
class PerAmount:
    """So many points for every `amount` of money; what is less than a point is cut off."""

    points: int
    amount: Money
    basis: Basis = Basis.TOTAL
    rounding: Rounding = Rounding.WHOLE


@dataclass(frozen=True, slots=True)
class Multiplier:
    """What other rules give for the same, times `factor`: this rule gives what is on top of it."""

    factor: Decimal


Giving: TypeAlias = Fixed | PerAmount | Multiplier
KINDS_OF_GIVING: dict[type[Giving], str] = {
    Fixed: "fixed",
    PerAmount: "per_amount",
    Multiplier: "multiplier",
}


@dataclass(frozen=True, slots=True)
class Window:
    """When a purchase has to be made.

    Between two instants, on days of the week (Monday is 1), and from one hour to before another,
    which may be past midnight; days and hours are those on the member's clock.
    """

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    weekdays: tuple[int, ...] = ()
    from_hour: int | None = None
    until_hour: int | None = None

    def refuses(self, at: datetime, local: datetime) -> str | None:
        """Why a time is not within it, which is `local` on the member's clock; None when it is."""
        if self.valid_from is not None and at < self.valid_from:
            return "window"
        if self.valid_until is not None and at >= self.valid_until:
            return "window"
        if self.weekdays and local.isoweekday() not in self.weekdays:
            return "weekday"
        if self.from_hour is None or self.until_hour is None:
            return None
        if self.from_hour < self.until_hour:
            within = self.from_hour <= local.hour < self.until_hour
        else:
            within = local.hour >= self.from_hour or local.hour < self.until_hour
        return None if within else "hour"


class CapMeasure(StrEnum):
    """What a cap counts: points that were given and not taken back, or how many times any were."""

    POINTS = "points"
    TIMES = "times"


class CapPeriod(StrEnum):
    """For how long it counts, by the member's own days; weeks begin on Monday."""

    HAPPENING = "happening"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"

    def around(self, day: date) -> tuple[date, date]:
        """The first and last day of the period that a day is in."""
        match self:
            case CapPeriod.WEEK:
                first = day - timedelta(days=day.weekday())
                return first, first + timedelta(days=6)
            case CapPeriod.MONTH:
                first = day.replace(day=1)
                return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case CapPeriod.YEAR:
                return day.replace(month=1, day=1), day.replace(month=12, day=31)
            case CapPeriod.EVER:
                return date.min, date.max
            case _:
                return day, day


@dataclass(frozen=True, slots=True)
class Cap:
    """How much the rule gives a member at most within a period, or at one time."""

    measure: CapMeasure
    per: CapPeriod
    limit: int


@dataclass(frozen=True, slots=True)
class EarningTerms:
    """All that a rule says.

    `condition` is one of `chassis.conditions` over the variables of happenings; empty ones always
    hold. Only lines of `categories` and `skus` count, where any are named: of one or the other.
    `tiers` are keys of tiers, one of which the member has to be in. `pending_days` overrides the
    program's. Of the rules of a `group` one counts: that of the highest `priority`, and among equals
    the one that gives most. Rules without a group all count.
    """

    name: str
    trigger: HappeningKind
    gives: Giving
    condition: str = ""
    categories: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    window: Window = Window()
    caps: tuple[Cap, ...] = ()
    pending_days: int | None = None
    priority: int = 0
    group: str = ""

    @property
    def chooses_lines(self) -> bool:
        """Whether not all lines of a purchase count."""
        return bool(self.categories or self.skus)


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A version of a rule, as it is judged by; what a `tier` gives on top is judged as one, too."""

    rule_id: UUID
    number: int
    program_id: UUID
    terms: EarningTerms
    tier: str | None = None


def require_possible(terms: EarningTerms) -> None:
    """Raise `Invalid` for terms by which nothing could ever be given, or that contradict themselves."""
    if not terms.name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")
    if terms.trigger not in TRIGGERS:
        message = f"Points are earned by {', '.join(TRIGGERS)}."
        raise Invalid.at("/trigger", "trigger_unknown", message)
    _require_possible_giving(terms.gives)
    _require_possible_window(terms.window)
    _require_possible_caps(terms.caps)


def _require_possible_giving(gives: Giving) -> None:
    if isinstance(gives, Multiplier):
        if not 1 < gives.factor <= MOST_FACTOR:
            message = f"A factor is more than 1 and at most {MOST_FACTOR}."
            raise Invalid.at("/gives/factor", "factor_impossible", message)
        return
    if not 0 < gives.points <= MOST_POINTS:
        raise Invalid.at("/gives/points", "points_impossible", f"1 to {MOST_POINTS} points.")
    if isinstance(gives, PerAmount) and gives.amount.amount <= 0:
        message = "Points are given for an amount of more than nothing."
        raise Invalid.at("/gives/amount", "amount_impossible", message)


def _require_possible_window(window: Window) -> None:
    first, last = window.valid_from, window.valid_until
    if first is not None and last is not None and first >= last:
        raise Invalid.at("/window/valid_until", "window_empty", "It ends before it begins.")
    if len(set(window.weekdays)) != len(window.weekdays):
        raise Invalid.at("/window/weekdays", "weekday_twice", "A day is named twice.")
    if (window.from_hour is None) != (window.until_hour is None):
        raise Invalid.at("/window/until_hour", "hours_unclear", "Hours have a from and an until.")
    if window.from_hour is not None and window.from_hour == window.until_hour:
        raise Invalid.at("/window/until_hour", "window_empty", "It ends when it begins.")


def _require_possible_caps(caps: Sequence[Cap]) -> None:
    for place, cap in enumerate(caps):
        if cap.limit < 1:
            message = "A cap leaves something: 1 at least."
            raise Invalid.at(f"/caps/{place}/limit", "cap_impossible", message)
        if cap.per is CapPeriod.HAPPENING and cap.measure is CapMeasure.TIMES:
            message = "At one time a rule gives points once anyway."
            raise Invalid.at(f"/caps/{place}/measure", "cap_meaningless", message)
    if len({(cap.measure, cap.per) for cap in caps}) != len(caps):
        raise Invalid.at("/caps", "cap_twice", "There is one cap for each measure and period.")
