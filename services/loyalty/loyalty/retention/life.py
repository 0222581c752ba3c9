"""What a customer's purchases say of them: their rhythm, when they drift, when they were lost, and came back.

A purchase is an order of which anything was delivered, on the day of its first delivery, unless all of
it was paid back. The clock of a customer runs from their last purchase; a sign of life of weight w sets
it ahead by that part of the time since that purchase:

    counted from = last purchase + max over signs since then of w x (time of the sign - last purchase)

They drift once the drift factor times the cycle has passed since then, and are lost after the lapse
factor times the cycle. Lost ones are customers again with their next purchase, or a sign that sets the
clock far enough ahead. All of it is a function of the purchases, the signs and the rules alone.

The life is walked along from act to act: a `Course` is how it stands after some of them, so that one
that comes after all others goes on from there, without those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from chassis.money import total
from loyalty.retention.domain import VALUE_DAYS, CustomerState, Rules, Timing, ValueBand
from loyalty.retention.rhythm import Purchase


@dataclass(frozen=True, slots=True)
class Spell:
    """A time as a customer, from a purchase on until they are lost; `ends_at` may lie ahead."""

    began_at: datetime
    ends_at: datetime
    last_bought_at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """How a life stands after some acts.

    `counted_from` is where the clock runs from. `over_at` is when the spell that `began_at` ended, if
    an act came after that which made them no customer again.
    """

    began_at: datetime
    last_bought_at: datetime
    counted_from: datetime
    over_at: datetime | None = None

    def bought(self, at: datetime, lapse: timedelta) -> Course:
        """With a purchase that comes after all other acts."""
        began_at = self.began_at if self._over_at(at, lapse) is None else at
        return Course(began_at, at, at)

    def seen(self, at: datetime, weight: Decimal, lapse: timedelta) -> Course:
        """With a sign of life that comes after all other acts."""
        over_at = self._over_at(at, lapse)
        ahead = self.last_bought_at + (at - self.last_bought_at) * float(weight)
        counted_from = max(self.counted_from, ahead)
        if over_at is not None and counted_from + lapse > at:
            return Course(at, self.last_bought_at, counted_from)
        return replace(self, counted_from=counted_from, over_at=over_at)

    def spell(self, lapse: timedelta) -> Spell:
        """The latest time as a customer."""
        ends_at = self.counted_from + lapse if self.over_at is None else self.over_at
        return Spell(self.began_at, ends_at, self.last_bought_at)

    def _over_at(self, at: datetime, lapse: timedelta) -> datetime | None:
        """When the spell ended, for an act at a time; None for one that falls into it."""
        if self.over_at is None and self.counted_from + lapse <= at:
            return self.counted_from + lapse
        return self.over_at


@dataclass(frozen=True, slots=True)
class Life:
    """All spells of a customer, and how it stands after all acts."""

    spells: Sequence[Spell]
    course: Course

    @property
    def counted_from(self) -> datetime:
        """Where the clock runs from now."""
        return self.course.counted_from

    @property
    def last_bought_at(self) -> datetime:
        """The last purchase."""
        return self.course.last_bought_at


def life_of(
    purchases: Sequence[Purchase], signs: Sequence[tuple[datetime, Decimal]], lapse: timedelta
) -> Life:
    """The life of somebody with at least one purchase; signs with their weights, in any order."""
    acts = [(one.at, 0, Decimal(1)) for one in purchases]
    acts += [(at, 1, weight) for at, weight in signs]
    first = min(one.at for one in purchases)
    course = Course(first, first, first)
    spells: list[Spell] = []
    for at, is_sign, weight in sorted(acts):
        if at < first:
            continue
        after = course.seen(at, weight, lapse) if is_sign else course.bought(at, lapse)
        if after.began_at != course.began_at:
            spells.append(course.spell(lapse))
        course = after
    return Life([*spells, course.spell(lapse)], course)


def state_of(life: Life, drift: timedelta, now: datetime) -> tuple[CustomerState, datetime]:
    """How they stand at a time, and since when."""
    spell = life.spells[-1]
    if spell.ends_at <= now:
        return CustomerState.LAPSED, spell.ends_at
    drifts_at = life.counted_from + drift
    if drifts_at <= now:
        return CustomerState.DRIFTING, drifts_at
    return CustomerState.ACTIVE, spell.began_at


def turnover_of(purchases: Sequence[Purchase], currency: str, until: datetime) -> Decimal:
    """What was bought in a currency within the year up to a time."""
    since = until - timedelta(days=VALUE_DAYS)
    amounts = (
        one.amount for one in purchases if one.currency == currency and since < one.at <= until
    )
    return total(list(amounts), currency).amount


def value_band_of(purchases: Sequence[Purchase], rules: Rules, until: datetime) -> ValueBand | None:
    """Whether somebody was worth much at a time; None where the tenant does not say what much is."""
    high = rules.high_value
    if high is None:
        return None
    bought = turnover_of(purchases, high.currency, until)
    return ValueBand.HIGH if bought >= high.amount else ValueBand.LOW


def timing_of(first_bought_at: datetime, last_bought_at: datetime, rules: Rules) -> Timing:
    """Whether somebody who was lost had come a short time before."""
    bought_for = last_bought_at - first_bought_at
    return Timing.EARLY if bought_for < timedelta(days=rules.early_days) else Timing.LATE
