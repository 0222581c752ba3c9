"""What a customer has subscribed to, term after term, until it ends (SA-12).

Days are those of the tenant's time zone. A pause moves the end, and all that was planned, by as many
days as it lasts. Notice has to be given so many days before the last day of a term that would renew
by itself; while a subscription is paused, the days that are left for it stand still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sales.subscription_changes.domain as told
from chassis.domain import Conflict, Invalid
from chassis.money import nothing
from sales.recurring_revenue.domain import (
    MovementKind,
    SubscriptionLine,
    ValuationRate,
    prorated,
    require_sound,
)
from sales.subscription_changes.domain import (
    Cancellation,
    PlannedChange,
    Step,
    StepKind,
    SubscriptionDetails,
    SubscriptionStatus,
    differing,
)
from sales.subscription_state.domain import SubscriptionState, require_customer
from sales.subscription_terms.domain import SubscriptionTerms, Term, billing_period

_DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Subscription(SubscriptionState):
    """What a customer has subscribed to, and what may happen to it."""

    def start(self) -> None:
        """Say that it is there. Raises `Invalid` for one of nobody, of nothing, or without terms."""
        require_customer(self.details)
        self._require_sound()
        movement = self._move(MovementKind.NEW, self.started_on, None, self.mrr)
        self.record(told.SubscriptionStarted(self.standing, movement))

    def change_details(
        self, details: SubscriptionDetails, terms: SubscriptionTerms, today: date, now: datetime
    ) -> None:
        """Take over what is mentioned nowhere else; another term moves the end.

        Raises `Conflict` for one that has ended, `Invalid` for terms that would be over already.
        """
        self._require_not_ended()
        changed = (*differing(self.details, details), *differing(self.terms, terms))
        if not changed:
            return
        # Whoever was erased stays unnamed: that stands in the way of nothing else.
        if {"person_id", "company_id"} & set(changed):
            require_customer(details)
        before = self.term.ends_on
        self.details, self.terms = details, terms
        self._require_sound()
        self.term = replace(self.term, months=terms.term_months)
        if self.term.ends_on != before:
            if self.term.ends_on < today:
                message = f"A term of {terms.term_months} months was over on {self.term.ends_on}."
                raise Invalid.at("/term_months", "term_over", message)
            self.reminded_days = None
        self._changed(now, told.SubscriptionChanged(self.standing, tuple(sorted(changed))))

    def change_lines(
        self, lines: tuple[SubscriptionLine, ...], on: date | None, today: date, now: datetime
    ) -> None:
        """Upgrade or downgrade, at once or from a later day on; what was planned before is off then.

        Raises `Conflict` unless it runs, `Invalid` for a day that is over, or beyond its end.
        """
        self._require_active()
        require_sound(lines, self.currency)
        first, last = max(today, self.started_on), self.ends_on + _DAY
        on = on or first
        if not first <= on <= last:
            message = f"It can be changed from {first} to {last}, the day after its term."
            raise Invalid.at("/effective_on", "day_impossible", message)
        if on > today:
            planned = PlannedChange(on, lines)
            if planned != self.planned_change:
                self.planned_change = planned
                self._changed(now, told.SubscriptionChanged(self.standing, ("planned_change",)))
            return
        self._take_lines(lines, on, now)

    def drop_planned_change(self, now: datetime) -> None:
        """Have it stay as it is after all; nothing happens when nothing was planned."""
        if self.planned_change is not None:
            self.planned_change = None
            self._changed(now, told.SubscriptionChanged(self.standing, ("planned_change",)))

    def pause(self, today: date, resumes_on: date | None, now: datetime) -> None:
        """Let it rest from today on. Raises `Conflict` unless it runs, `Invalid` for a day gone by."""
        self._require_active()
        if today < self.started_on:
            message = f"It begins on {self.started_on}; it cannot be paused before."
            raise Conflict(message, code="subscription_not_begun")
        if resumes_on is not None and resumes_on <= today:
            raise Invalid.at("/resumes_on", "in_past", "It has to be a later day than today.")
        movement = self._move(MovementKind.CONTRACTION, today, self.mrr, None)
        self.status, self.paused_on = SubscriptionStatus.PAUSED, today
        self.resumes_on = resumes_on
        self._changed(now, told.SubscriptionPaused(self.standing, movement, resumes_on))

    def resume(self, on: date, now: datetime) -> None:
        """Have it go on; its end, and what was planned, move by the days of the pause.

        Raises `Conflict` unless it is paused.
        """
        if self.status is not SubscriptionStatus.PAUSED or self.paused_on is None:
            raise Conflict("The subscription is not paused.", code="subscription_not_paused")
        rested = on - self.paused_on
        self.term = self.term.longer(rested.days)
        if rested:
            self.reminded_days = None
        if self.planned_change is not None:
            later = self.planned_change.effective_on + rested
            self.planned_change = replace(self.planned_change, effective_on=later)
        self.status, self.paused_on, self.resumes_on = SubscriptionStatus.ACTIVE, None, None
        movement = self._move(MovementKind.REACTIVATION, on, None, self.mrr)
        self._changed(now, told.SubscriptionResumed(self.standing, movement))

    def cancel(self, reason: str, note: str, today: date, now: datetime) -> None:
        """Have it end with its term.

        Raises `Conflict` for one that was cancelled or has ended, and when it is too late for
        notice: it names the day that was the last.
        """
        self._require_not_ended()
        if self.cancellation is not None:
            message = f"It was cancelled already, and ends on {self.ends_on}."
            raise Conflict(message, code="subscription_cancelled")
        if self.terms.auto_renew and (self.paused_on or today) > self.cancel_by:
            message = (
                f"Notice of {self.terms.notice_days} days had to be given by {self.cancel_by}, since"
                f" the term ends on {self.term.ends_on} and renews by itself. Terminating it waives"
                " the notice."
            )
            raise Conflict(message, code="notice_period_over")
        self.cancellation = Cancellation(reason, note, today)
        self._changed(now, told.SubscriptionCancelled(self.standing, self.cancellation))

    def terminate(
        self, reason: str, note: str, ends_on: date | None, today: date, now: datetime
    ) -> None:
        """Have it end on a day, today unless another is named, whatever notice was agreed on.

        Raises `Conflict` for one that has ended, `Invalid` for a day gone by or beyond term and pause.
        """
        self._require_not_ended()
        first = max(today, self.started_on - _DAY)
        last = self.term.ends_on + (today - (self.paused_on or today))
        ends_on = ends_on or first
        if not first <= ends_on <= last:
            message = f"It can end from {first} to {last}."
            raise Invalid.at("/ends_on", "day_impossible", message)
        late = self.terms.auto_renew and (self.paused_on or today) > self.cancel_by
        waived = late or ends_on < last
        self.cancellation = Cancellation(reason, note, today, ends_on, notice_waived=waived)
        self._changed(now, told.SubscriptionCancelled(self.standing, self.cancellation))

    def withdraw_cancellation(self, now: datetime) -> None:
        """Have it go on after all. Raises `Conflict` unless it was cancelled and runs still."""
        self._require_not_ended()
        if self.cancellation is None:
            raise Conflict("It was not cancelled.", code="subscription_not_cancelled")
        self.cancellation = None
        self._changed(now, told.SubscriptionCancellationWithdrawn(self.standing))

    def renew(self, today: date, now: datetime) -> None:
        """Agree on the next term before this one is over; a cancellation is off with that.

        Raises `Conflict` unless it runs, and when the next term is agreed on already.
        """
        self._require_active()
        if self.term.starts_on > today:
            message = f"It goes on until {self.term.ends_on} already."
            raise Conflict(message, code="subscription_renewed")
        self.cancellation = None
        self._begin_next_term(by_itself=False, now=now)

    def reactivate(self, on: date, base_rate: ValuationRate | None, now: datetime) -> None:
        """Take up again one that has ended, with a new term from today, `on`, on.

        Raises `Conflict` for one that has not ended.
        """
        if self.status is not SubscriptionStatus.ENDED:
            raise Conflict("It has not ended.", code="subscription_not_ended")
        self.status, self.ended_on, self.cancellation = SubscriptionStatus.ACTIVE, None, None
        self.term = Term(on, self.terms.term_months, on.day)
        self.reminded_days = self.renewal_opportunity_id = None
        self.base_rate = base_rate
        movement = self._move(MovementKind.REACTIVATION, on, None, self.mrr)
        self._changed(now, told.SubscriptionReactivated(self.standing, movement))

    def next_step(self, reminder_days: Sequence[int], today: date) -> Step | None:
        """What time does next to it, and on which day; None for nothing any more.

        Of a term that is over nobody is reminded.
        """
        steps: list[Step] = []
        if self.status is SubscriptionStatus.PAUSED:
            if self.resumes_on is not None:
                steps.append(Step(self.resumes_on, StepKind.RESUME))
            if self.cancellation is not None:
                steps.append(Step(self.ends_on + _DAY, StepKind.END))
        elif self.status is SubscriptionStatus.ACTIVE:
            if self.planned_change is not None:
                steps.append(Step(self.planned_change.effective_on, StepKind.CHANGE))
            if self.cancellation is None and today <= self.term.ends_on:
                left = self.term.reminders(reminder_days, self.reminded_days)
                steps += [Step(day, StepKind.REMIND) for day in left]
            steps.append(Step(self.ends_on + _DAY, StepKind.END))
        # The end of a term comes first on its day: what was planned belongs to the next one.
        return min(steps, key=lambda one: (one.day, one.kind is not StepKind.END), default=None)

    def take(self, step: Step, now: datetime) -> None:
        """Do what time does: all but reminding, which takes an opportunity."""
        if step.kind is StepKind.RESUME:
            self.resume(step.day, now)
        elif step.kind is StepKind.CHANGE and self.planned_change is not None:
            lines, self.planned_change = self.planned_change.lines, None
            self._take_lines(lines, step.day, now)
        elif step.kind is StepKind.END and self.cancellation is None and self.terms.auto_renew:
            self._begin_next_term(by_itself=True, now=now)
        elif step.kind is StepKind.END:
            self._end(now)

    def remind(
        self, reminder_days: Sequence[int], today: date, opportunity_id: UUID | None, now: datetime
    ) -> None:
        """Tell that the end is near, for the nearest of the days that have come; the rest is off."""
        left = (self.term.ends_on - today).days
        self.reminded_days = min(days for days in reminder_days if days >= left)
        self.renewal_opportunity_id = opportunity_id
        due = told.SubscriptionRenewalReminderReached(
            self.standing, left, self.terms.auto_renew, self.renewal_opportunity_id
        )
        self._changed(now, due)

    def _begin_next_term(self, *, by_itself: bool, now: datetime) -> None:
        self.term = self.term.following(self.terms.term_months)
        self.renewals += 1
        self.reminded_days = self.renewal_opportunity_id = None
        self._changed(now, told.SubscriptionRenewed(self.standing, by_itself))

    def _end(self, now: datetime) -> None:
        rested = self.status is SubscriptionStatus.PAUSED
        reason = "" if self.cancellation is None else self.cancellation.reason
        ended_on = self.ends_on
        before = nothing(self.currency) if rested else self.mrr
        movement = self._move(MovementKind.CHURN, ended_on + _DAY, before, None, reason=reason)
        self.status, self.ended_on = SubscriptionStatus.ENDED, ended_on
        self.paused_on = self.resumes_on = self.planned_change = None
        self._changed(now, told.SubscriptionEnded(self.standing, movement, reason))

    def _take_lines(self, lines: tuple[SubscriptionLine, ...], on: date, now: datetime) -> None:
        if lines == self.lines:
            self.drop_planned_change(now)
            return
        off, self.planned_change = self.planned_change, None
        changed = ("lines",) if off is None else ("lines", "planned_change")
        amount, mrr, self.lines = self.period_amount, self.mrr, lines
        period = billing_period(on, self.term, self.terms.billing_months)
        proration = prorated(amount, self.period_amount, on, period)
        movement = None
        if self.mrr != mrr:
            more = self.mrr.amount > mrr.amount
            kind = MovementKind.EXPANSION if more else MovementKind.CONTRACTION
            movement = self._move(kind, on, mrr, self.mrr, proration=proration)
        self._changed(now, told.SubscriptionChanged(self.standing, changed, movement))
