"""What is agreed on for as long as a subscription runs, and the days that follow from it (SA-12).

A term of months ends on the day before the one with the same number, so that a year from 1 January
on ends on 31 December. Where a month is too short, its last day stands in (a month from 31 January
on ends on 27 February, since the next one begins on the 28th), and the month after goes back to the
number that it began with.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chassis.domain import Invalid, Violation

LONGEST_TERM = 120
"""In months."""
LONGEST_NOTICE = 366
"""In days."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SubscriptionTerms:
    """For how many months, billed every how many, with how many days of notice before the end."""

    term_months: int
    billing_months: int = 1
    notice_days: int = 0
    auto_renew: bool = True


def require_sound(terms: SubscriptionTerms, at: str = "") -> None:
    """Check that terms go together. Raises `Invalid` that points below `at`."""
    wrong = []
    if not 1 <= terms.term_months <= LONGEST_TERM:
        message = f"A term has 1 to {LONGEST_TERM} months."
        wrong.append(Violation(f"{at}/term_months", "term_impossible", message))
    elif terms.billing_months < 1 or terms.term_months % terms.billing_months:
        message = f"A term of {terms.term_months} months cannot be billed in such parts evenly."
        wrong.append(Violation(f"{at}/billing_months", "billing_uneven", message))
    if not 0 <= terms.notice_days <= LONGEST_NOTICE:
        message = f"Notice is 0 to {LONGEST_NOTICE} days."
        wrong.append(Violation(f"{at}/notice_days", "notice_impossible", message))
    if wrong:
        raise Invalid("Such terms cannot be.", violations=tuple(wrong))


def months_later(day: date, months: int, number: int) -> date:
    """The day `number` of the month that is so many later; the month's last if it is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(number, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """A term that runs: so many months from a day on, and the days that pauses have added.

    `day_of_month` is the number of the day on which terms begin where the month is long enough.
    """

    starts_on: date
    months: int
    day_of_month: int
    extended_days: int = 0

    @property
    def ends_on(self) -> date:
        """Its last day; the next one begins on the day after."""
        plain = months_later(self.starts_on, self.months, self.day_of_month) - _DAY
        return plain + timedelta(days=self.extended_days)

    def longer(self, days: int) -> Term:
        """The same with so many days more."""
        return replace(self, extended_days=self.extended_days + days)

    def following(self, months: int) -> Term:
        """The one that comes after it."""
        starts_on = self.ends_on + _DAY
        number = starts_on.day if self.extended_days else self.day_of_month
        return Term(starts_on, months, number)

    def reminders(self, days_before: Sequence[int], reminded: int | None) -> list[date]:
        """The days on which somebody is still to be reminded of its end.

        `reminded` is the nearest of the days before the end that has been. Those that fall on the
        first day of the term, or before it, are passed over: nobody needs them.
        """
        left = [days for days in days_before if reminded is None or days < reminded]
        days = [self.ends_on - timedelta(days=one) for one in left]
        return [day for day in days if day > self.starts_on]


def billing_period(day: date, term: Term, months: int) -> tuple[date, date]:
    """The first and the last day of the billing period that a day is in."""
    apart = (day.year - term.starts_on.year) * 12 + day.month - term.starts_on.month
    count = apart // months
    first = months_later(term.starts_on, count * months, term.day_of_month)
    if first > day:
        count -= 1
        first = months_later(term.starts_on, count * months, term.day_of_month)
    after = months_later(term.starts_on, (count + 1) * months, term.day_of_month)
    return first, after - _DAY


def begin_of(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a time zone, in UTC; where midnight is left out, when the clock goes on."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
