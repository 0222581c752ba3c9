"""What a subscription is, comes to and keeps of how its revenue moved (SA-12).

What may happen to it is in `sales/subscriptions/domain.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sales.subscription_terms.domain as terms_domain
from chassis.domain import Aggregate, Conflict, Fact, Invalid, Money
from chassis.money import EXACT
from sales.recurring_revenue.domain import (
    Movement,
    MovementKind,
    SubscriptionLine,
    ValuationRate,
    monthly,
    movement_of,
    period_amount,
    require_sound,
    yearly,
)
from sales.subscription_changes.domain import (
    Cancellation,
    PlannedChange,
    Standing,
    SubscriptionDetails,
    SubscriptionStatus,
)
from sales.subscription_terms.domain import SubscriptionTerms, Term


@dataclass(kw_only=True)
class SubscriptionState(Aggregate):
    """Where a subscription stands: products that a customer pays for by the period.

    `reminded_days` is the nearest of the tenant's days before the end of the term that somebody was
    reminded on, and `moved` what is not stored yet of how its revenue moved.
    """

    details: SubscriptionDetails
    terms: SubscriptionTerms
    currency: str
    lines: tuple[SubscriptionLine, ...]
    base_rate: ValuationRate | None
    started_on: date
    term: Term
    created_at: datetime
    updated_at: datetime
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    paused_on: date | None = None
    resumes_on: date | None = None
    planned_change: PlannedChange | None = None
    cancellation: Cancellation | None = None
    reminded_days: int | None = None
    renewal_opportunity_id: UUID | None = None
    renewals: int = 0
    movements: int = 0
    ended_on: date | None = None
    moved: list[Movement] = field(default_factory=list, repr=False, compare=False)

    @property
    def period_amount(self) -> Money:
        """What it comes to in a billing period, without tax."""
        return period_amount(self.lines, self.currency)

    @property
    def mrr(self) -> Money:
        """What it brings in a month while it runs."""
        return monthly(self.period_amount, self.terms.billing_months)

    @property
    def arr(self) -> Money:
        """What it brings in a year while it runs."""
        return yearly(self.period_amount, self.terms.billing_months)

    @property
    def term_amount(self) -> Money:
        """What it comes to in a whole term."""
        periods = self.terms.term_months // self.terms.billing_months
        return Money(EXACT.multiply(self.period_amount.amount, Decimal(periods)), self.currency)

    @property
    def ends_on(self) -> date:
        """Its last day for now: that of the term, unless it was cut off."""
        if self.cancellation is not None and self.cancellation.ends_on is not None:
            return self.cancellation.ends_on
        return self.term.ends_on

    @property
    def cancel_by(self) -> date:
        """The last day on which notice can be given for this term."""
        return self.term.ends_on - timedelta(days=self.terms.notice_days)

    @property
    def standing(self) -> Standing:
        """What facts say of it now."""
        days = (self.term.starts_on, self.ends_on)
        return Standing(self.id, self.details, *days, self.mrr, self.arr)

    def _move(
        self,
        kind: MovementKind,
        on: date,
        before: Money | None,
        after: Money | None,
        *,
        reason: str = "",
        proration: Money | None = None,
    ) -> Movement:
        amounts = (before, after)
        movement = movement_of(
            kind, on, amounts, self.base_rate, reason=reason, proration=proration
        )
        self.movements += 1
        self.moved.append(replace(movement, number=self.movements))
        return movement

    def _require_sound(self) -> None:
        if not self.details.name.strip():
            raise Invalid.at("/name", "name_missing", "A name is needed.")
        terms_domain.require_sound(self.terms)
        require_sound(self.lines, self.currency)

    def _require_not_ended(self) -> None:
        if self.status is SubscriptionStatus.ENDED:
            message = f"It ended on {self.ended_on}; it can be reactivated."
            raise Conflict(message, code="subscription_ended")

    def _require_active(self) -> None:
        self._require_not_ended()
        if self.status is SubscriptionStatus.PAUSED:
            raise Conflict(
                "The subscription is paused; resume it first.", code="subscription_paused"
            )

    def _changed(self, now: datetime, fact: Fact) -> None:
        self.updated_at = now
        self.record(fact)


def require_customer(details: SubscriptionDetails) -> None:
    if details.person_id is None and details.company_id is None:
        message = "A person or a company subscribes: person_id or company_id is needed."
        raise Invalid.at("/person_id", "customer_missing", message)
