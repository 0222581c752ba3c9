"""How much of what counts a member has, and until when it is enough for a tier: pure reckoning.

What befell on a day counts in whole days of the member's zone, so a summer-time change moves nothing
from one day to another, and who is counted at midnight is counted at their own.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.tiers.domain import TierTerms, WindowKind

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something that counts: how much of it is left after what was taken back, and since when.

    `kind` and `reference` say what it was, such as an order by its number.
    """

    at: datetime
    amount: Decimal
    kind: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that count now: from the first until before the other; None where there is no end."""

    first: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a member has of what counts.

    `value` is that of the window of today; `holds` is what a tier is kept by, which differs from it
    only by calendar years: the better of this year and the last. `drops` are the times at which
    less is left, each with what is left from then on.
    """

    value: Decimal
    holds: Decimal
    drops: Sequence[tuple[datetime, Decimal]]

    def enough_until(self, threshold: Decimal) -> tuple[datetime, Decimal] | None:
        """When `holds` falls below a threshold, and to what, if nothing is added; None for never."""
        return next((drop for drop in self.drops if drop[1] < threshold), None)


def window_of(terms: TierTerms, now: datetime, zone: ZoneInfo) -> Window:
    """The window of today."""
    today = now.astimezone(zone).date()
    if terms.window is WindowKind.LIFETIME:
        return Window(None, None)
    if terms.window is WindowKind.CALENDAR_YEAR:
        return Window(date(today.year, 1, 1), date(today.year + 1, 1, 1))
    return Window(_first_counted(today, terms.months), today + timedelta(days=1))


def counted_since(terms: TierTerms, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Before when nothing counts any more, for whoever looks it up; None where all does."""
    today = now.astimezone(zone).date()
    if terms.window is WindowKind.LIFETIME:
        return None
    if terms.window is WindowKind.CALENDAR_YEAR:
        return midnight(date(today.year - 1, 1, 1), zone)
    return midnight(_first_counted(today, terms.months), zone)


def reckon(
    terms: TierTerms, given: Iterable[Contribution], now: datetime, zone: ZoneInfo
) -> Reckoning:
    """Add up what counts now. What is told to lie ahead, by another's clock, counts as today's."""
    today = now.astimezone(zone).date()
    days = [(min(one.at.astimezone(zone).date(), today), one.amount) for one in given]
    if terms.window is WindowKind.LIFETIME:
        whole = sum((amount for _, amount in days), _NOTHING)
        return Reckoning(whole, whole, ())
    if terms.window is WindowKind.CALENDAR_YEAR:
        return _by_years(days, today.year, zone)
    return _rolling(days, today, terms.months, zone)


def _by_years(days: Sequence[tuple[date, Decimal]], year: int, zone: ZoneInfo) -> Reckoning:
    this = sum((amount for day, amount in days if day.year == year), _NOTHING)
    last = sum((amount for day, amount in days if day.year == year - 1), _NOTHING)
    next_year, after = midnight(date(year + 1, 1, 1), zone), midnight(date(year + 2, 1, 1), zone)
    return Reckoning(this, max(this, last), ((next_year, this), (after, _NOTHING)))


def _rolling(
    days: Sequence[tuple[date, Decimal]], today: date, months: int, zone: ZoneInfo
) -> Reckoning:
    ends = sorted((months_after(day, months), amount) for day, amount in days)
    counted = [(end, amount) for end, amount in ends if end > today]
    left = value = sum((amount for _, amount in counted), _NOTHING)
    drops: list[tuple[datetime, Decimal]] = []
    for end, amount in counted:
        left -= amount
        at = midnight(end, zone)
        if drops and drops[-1][0] == at:
            drops.pop()
        drops.append((at, left))
    return Reckoning(value, value, tuple(drops))


def _first_counted(today: date, months: int) -> date:
    """The first day that still counts today: the months of some days end on the same one."""
    day = months_after(today, -months) - timedelta(days=3)
    while months_after(day, months) <= today:
        day += timedelta(days=1)
    return day


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone, in UTC; where the clock skips midnight, when it has skipped it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_after(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """So many whole days after the day of a time, or after the time itself if a day begins then."""
    local = at.astimezone(zone).date()
    if midnight(local, zone) != at.astimezone(UTC):
        local += timedelta(days=1)
    return midnight(local + timedelta(days=days), zone)
