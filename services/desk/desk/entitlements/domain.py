"""Service contracts: what a customer is entitled to, until when, and how much of it is left (DE-8).

Days are those of the tenant's clock. What is used up is counted by period, and once for each ticket.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from desk.assets.domain import Owner
from desk.tenant_days.domain import months_after

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
MOST_NOTICE_DAYS = 365
MOST_ALLOWANCE = 1_000_000


class AllowanceKind(StrEnum):
    """What is counted: nothing, tickets, or minutes of work."""

    UNLIMITED = "unlimited"
    TICKETS = "tickets"
    MINUTES = "minutes"


class Period(StrEnum):
    """How often the allowance begins anew: with each term, month or year, reckoned from the first day."""

    TERM = "term"
    MONTH = "month"
    YEAR = "year"


class EntitlementStatus(StrEnum):
    """Whether a contract serves anybody."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of what may be used in a period."""

    kind: AllowanceKind = AllowanceKind.UNLIMITED
    amount: int = 0
    period: Period = Period.TERM


UNLIMITED = Allowance()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a contract is for: pieces of products, or single things; everything when neither is named."""

    product_skus: tuple[str, ...] = ()
    asset_ids: tuple[UUID, ...] = ()

    def includes(self, product_sku: str, asset_id: UUID | None) -> bool:
        """Whether a concern about this is covered."""
        if not self.product_skus and not self.asset_ids:
            return True
        return product_sku in self.product_skus or asset_id in self.asset_ids


@dataclass(frozen=True, slots=True)
class EntitlementTerms:
    """What a contract gives, from its first day to its last; `notice_days` is how early its end is told."""

    name: str
    starts_on: date
    ends_on: date
    coverage: Coverage = Coverage()
    allowance: Allowance = UNLIMITED
    notice_days: int = 30


@dataclass(frozen=True, slots=True)
class EntitlementAdded(Fact):
    """A customer has a service contract."""

    entitlement: Entitlement


@dataclass(frozen=True, slots=True)
class EntitlementChanged(Fact):
    """Something about a contract is different."""

    entitlement: Entitlement
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntitlementUsed(Fact):
    """A ticket uses so much by now."""

    entitlement: Entitlement
    use: Use
    remaining: int | None


@dataclass(frozen=True, slots=True)
class EntitlementUseWithdrawn(Fact):
    """A ticket uses nothing any more."""

    entitlement: Entitlement
    use: Use


@dataclass(frozen=True, slots=True)
class EntitlementExpiryAnnounced(Fact):
    """The last day is near."""

    entitlement: Entitlement
    days_left: int


@dataclass(frozen=True, slots=True)
class EntitlementEnded(Fact):
    """A contract serves nobody any more."""

    entitlement: Entitlement
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """What a ticket uses of a contract, since which day, and the first day of the period of that."""

    ticket_id: UUID
    amount: int
    used_on: date
    period_starts_on: date


@dataclass(kw_only=True)
class Entitlement(Aggregate):
    """A service contract.

    `term_starts_on` is the first day of the term that runs, which is later than that of the contract
    once it was renewed. `told_of_end` is the last day of which was told that it is near.
    """

    owner: Owner
    terms: EntitlementTerms
    term_starts_on: date
    service_sku: str = ""
    subscription_id: UUID | None = None
    status: EntitlementStatus = EntitlementStatus.ACTIVE
    told_of_end: date | None = None
    created_at: datetime
    updated_at: datetime

    def add(self) -> None:
        """Hold from now on. Raises `Invalid`."""
        if self.owner.is_nobody:
            message = "It serves a person or a company."
            raise Invalid.at("/person_id", "owner_missing", message)
        _require_possible(self.terms)
        self.record(EntitlementAdded(self))

    def change(self, terms: EntitlementTerms, now: datetime) -> None:
        """Give something else. Raises `Invalid`, `Conflict` once it has ended."""
        self._require_not_ended()
        _require_possible(terms)
        changed = tuple(n for n in _NAMES if getattr(terms, n) != getattr(self.terms, n))
        if changed:
            if "starts_on" in changed:
                self.term_starts_on = terms.starts_on
            self.terms, self.updated_at = terms, now
            self.record(EntitlementChanged(self, changed))

    def follow_term(
        self, starts_on: date, ends_on: date, status: EntitlementStatus, now: datetime
    ) -> None:
        """Hold for the term of the subscription that it came of, which may have been renewed."""
        first = starts_on
        if starts_on <= self.terms.ends_on + timedelta(days=1):
            first = min(self.terms.starts_on, starts_on)
        terms = replace(self.terms, starts_on=first, ends_on=max(ends_on, first))
        before = (self.terms, self.term_starts_on, self.status)
        if (terms, starts_on, status) != before:
            self.terms, self.term_starts_on, self.status = terms, starts_on, status
            self.updated_at = now
            self.record(EntitlementChanged(self, ("ends_on", "starts_on", "status")))

    def serves(self, day: date) -> bool:
        """Whether it holds on a day."""
        is_active = self.status is EntitlementStatus.ACTIVE
        return is_active and self.terms.starts_on <= day <= self.terms.ends_on

    def reckons_like(self, terms: EntitlementTerms) -> bool:
        """Whether days lie in the same periods as by other terms."""
        mine = (self.terms.starts_on, self.terms.allowance.period)
        return mine == (terms.starts_on, terms.allowance.period)

    def period_of(self, day: date) -> date:
        """The first day of the period that a day is in."""
        period, first = self.terms.allowance.period, self.terms.starts_on
        if period is Period.TERM:
            return self.term_starts_on if day >= self.term_starts_on else first
        step = 1 if period is Period.MONTH else 12
        months = (day.year - first.year) * 12 + day.month - first.month
        count = max(months // step, 0)
        if months_after(first, count * step) > day:
            count = max(count - 1, 0)
        return months_after(first, count * step)

    def remaining(self, used: int) -> int | None:
        """How much is left of the allowance when so much was used in a period; None without end."""
        allowance = self.terms.allowance
        if allowance.kind is AllowanceKind.UNLIMITED:
            return None
        return max(allowance.amount - used, 0)

    def use(self, use: Use, used_by_others: int, day: date) -> None:
        """Have a ticket use so much. `used_by_others` is what other tickets use in the period.

        Raises `Conflict` when it does not hold on the day, and for more than is left.
        """
        if not self.serves(day):
            raise Conflict(
                "The contract serves nobody on this day.", code="entitlement_not_serving"
            )
        left = self.remaining(used_by_others)
        if left is not None and use.amount > left:
            message = f"Of the contract {left} is left in this period."
            raise Conflict(message, code="entitlement_used_up")
        self.record(EntitlementUsed(self, use, None if left is None else left - use.amount))

    def withdraw(self, use: Use) -> None:
        """Have a ticket use nothing any more."""
        self.record(EntitlementUseWithdrawn(self, use))

    def tell_of_end(self, today: date) -> None:
        """Tell that the last day is near, once for each last day."""
        if self.told_of_end != self.terms.ends_on and self.status is EntitlementStatus.ACTIVE:
            self.told_of_end = self.terms.ends_on
            self.record(EntitlementExpiryAnnounced(self, (self.terms.ends_on - today).days))

    def end(self, cause: str, now: datetime) -> None:
        """Serve nobody any more; a second time is no error."""
        if self.status is not EntitlementStatus.ENDED:
            self.status, self.updated_at = EntitlementStatus.ENDED, now
            self.record(EntitlementEnded(self, cause, now))

    def reopen(self, ends_on: date | None, today: date, now: datetime) -> None:
        """Serve again after an end that was none, until a later day if one is given.

        The term goes on, with what was used of it. Raises `Conflict` unless it has ended, `Invalid`
        for a last day that is over.
        """
        if self.status is not EntitlementStatus.ENDED:
            raise Conflict(f"The contract is {self.status}.", code="entitlement_not_ended")
        terms = self.terms if ends_on is None else replace(self.terms, ends_on=ends_on)
        _require_possible(terms)
        if terms.ends_on < today:
            message = f"Its last day, {terms.ends_on}, is over: name a later one."
            raise Invalid.at("/ends_on", "day_past", message)
        changed = ("status",) if terms == self.terms else ("ends_on", "status")
        self.terms, self.status, self.updated_at = terms, EntitlementStatus.ACTIVE, now
        self.record(EntitlementChanged(self, changed))

    def _require_not_ended(self) -> None:
        if self.status is EntitlementStatus.ENDED:
            raise Conflict("The contract has ended.", code="entitlement_ended")


_NAMES = ("allowance", "coverage", "ends_on", "name", "notice_days", "starts_on")


def _require_possible(terms: EntitlementTerms) -> None:
    if terms.ends_on < terms.starts_on:
        message = "The last day is before the first."
        raise Invalid.at("/ends_on", "day_impossible", message)
    if terms.allowance.kind is not AllowanceKind.UNLIMITED and not terms.allowance.amount:
        message = "An allowance of nothing serves nobody."
        raise Invalid.at("/allowance/amount", "allowance_impossible", message)
