"""What users and orders do to subscriptions; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.domain import Invalid, NotFound
from chassis.money import minor_unit
from sales.exchange_rates.storage import base_currency_of, rate_in_force
from sales.people.named import current_or_none
from sales.reasons.domain import ReasonKind
from sales.reasons.operations import require_reason
from sales.recurring_revenue.domain import SubscriptionLine, ValuationRate
from sales.subscription_changes.domain import SubscriptionDetails
from sales.subscription_settings.storage import settings_of
from sales.subscription_terms.domain import LONGEST_TERM, SubscriptionTerms, Term, months_later
from sales.subscriptions.domain import Subscription
from sales.subscriptions.renewals import catch_up, look_after, today_in
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What a customer subscribes to; from today on unless another day is named."""

    details: SubscriptionDetails
    terms: SubscriptionTerms
    currency: str
    lines: tuple[SubscriptionLine, ...]
    starts_on: date | None = None


def start_subscription(tx: SalesTx, wanted: NewSubscription) -> Subscription:
    """Begin a subscription; it is the caller's own unless the details name an owner.

    One that began in the past is brought up to today: its terms renew, or it ends. Raises `Invalid`.
    """
    settings, now = settings_of(tx), tx.clock.now()
    minor_unit(wanted.currency)
    today = today_in(tx, settings)
    starts_on = wanted.starts_on or today
    _require_near(starts_on, today)
    details = _about(tx, wanted.details)
    subscription = Subscription(
        id=tx.ids.new(),
        details=replace(details, owner_id=details.owner_id or tx.caller.user_id),
        terms=wanted.terms,
        currency=wanted.currency,
        lines=wanted.lines,
        base_rate=_base_rate(tx, wanted.currency, starts_on),
        started_on=starts_on,
        term=Term(starts_on, wanted.terms.term_months, starts_on.day),
        created_at=now,
        updated_at=now,
    )
    subscription.start()
    tx.subscriptions.add(subscription)
    look_after(tx, subscription, settings)
    return subscription


def change_subscription(
    tx: SalesTx, subscription_id: UUID, changes: Mapping[str, Any]
) -> Subscription:
    """Change what is mentioned of its details and terms; another term moves its timer.

    Raises `NotFound`, `Invalid`, `Conflict` for one that has ended.
    """

    def change(one: Subscription, today: date, now: datetime) -> None:
        own = {name: changes[name] for name in ("name", *_WHOSE) if name in changes}
        terms = {name: value for name, value in changes.items() if name not in own}
        details = replace(one.details, **own)
        if "person_id" in own:
            details = replace(details, person_id=current_or_none(tx, details.person_id))
        one.change_details(details, replace(one.terms, **terms), today, now)

    return _changed(tx, subscription_id, change)


def change_lines(
    tx: SalesTx, subscription_id: UUID, lines: tuple[SubscriptionLine, ...], on: date | None
) -> Subscription:
    """Upgrade or downgrade, at once or from a later day on. Raises `NotFound`, `Invalid`, `Conflict`."""
    return _changed(
        tx, subscription_id, lambda one, today, now: one.change_lines(lines, on, today, now)
    )


def drop_planned_change(tx: SalesTx, subscription_id: UUID) -> Subscription:
    """Have it stay as it is after all. Raises `NotFound`."""
    return _changed(tx, subscription_id, lambda one, _today, now: one.drop_planned_change(now))


def pause_subscription(tx: SalesTx, subscription_id: UUID, resumes_on: date | None) -> Subscription:
    """Let it rest from today on. Raises `NotFound`, `Invalid`, `Conflict`."""
    return _changed(tx, subscription_id, lambda one, today, now: one.pause(today, resumes_on, now))


def resume_subscription(tx: SalesTx, subscription_id: UUID) -> Subscription:
    """Have it go on today. Raises `NotFound`, `Conflict` unless it is paused."""
    return _changed(tx, subscription_id, lambda one, today, now: one.resume(today, now))


def cancel_subscription(tx: SalesTx, subscription_id: UUID, reason: str, note: str) -> Subscription:
    """Have it end with its term.

    Raises `NotFound`, `Invalid`, `Conflict` that names the last day when it is too late for notice.
    """

    def cancel(one: Subscription, today: date, now: datetime) -> None:
        require_reason(tx, ReasonKind.CHURN, reason)
        one.cancel(reason, note, today, now)

    return _changed(tx, subscription_id, cancel)


def terminate_subscription(
    tx: SalesTx, subscription_id: UUID, reason: str, note: str, ends_on: date | None
) -> Subscription:
    """Have it end on a day, whatever notice was agreed on. Raises `NotFound`, `Invalid`, `Conflict`."""

    def terminate(one: Subscription, today: date, now: datetime) -> None:
        require_reason(tx, ReasonKind.CHURN, reason)
        one.terminate(reason, note, ends_on, today, now)

    return _changed(tx, subscription_id, terminate)


def withdraw_cancellation(tx: SalesTx, subscription_id: UUID) -> Subscription:
    """Have it go on after all. Raises `NotFound`, `Conflict`."""
    return _changed(tx, subscription_id, lambda one, _today, now: one.withdraw_cancellation(now))


def renew_subscription(tx: SalesTx, subscription_id: UUID) -> Subscription:
    """Agree on the next term. Raises `NotFound`, `Conflict` when it is agreed on already."""
    return _changed(tx, subscription_id, lambda one, today, now: one.renew(today, now))


def reactivate_subscription(tx: SalesTx, subscription_id: UUID) -> Subscription:
    """Take up again today one that has ended. Raises `NotFound`, `Conflict` for another."""

    def reactivate(one: Subscription, today: date, now: datetime) -> None:
        one.reactivate(today, _base_rate(tx, one.currency, today), now)

    return _changed(tx, subscription_id, reactivate)


_WHOSE = ("person_id", "company_id", "owner_id")


def _changed(
    tx: SalesTx, subscription_id: UUID, change: Callable[[Subscription, date, datetime], None]
) -> Subscription:
    """The subscription after a change, and after all that time has to do to it by now.

    What was due before is done before, as if its timer had fired in time.
    """
    subscription, settings = tx.subscriptions.get(subscription_id), settings_of(tx)
    catch_up(tx, subscription, settings)
    change(subscription, today_in(tx, settings), tx.clock.now())
    look_after(tx, subscription, settings)
    return subscription


def _about(tx: SalesTx, details: SubscriptionDetails) -> SubscriptionDetails:
    """The details with whom the order names, unless they name others."""
    details = replace(details, person_id=current_or_none(tx, details.person_id))
    if details.order_id is None:
        return details
    try:
        order = tx.orders.get(details.order_id).terms
    except NotFound as missing:
        raise Invalid.at("/order_id", "order_unknown", missing.message) from None
    if details.person_id is None and details.company_id is None:
        details = replace(details, person_id=order.person_id, company_id=order.company_id)
    opportunity_id = details.opportunity_id or order.opportunity_id
    return replace(
        details, owner_id=details.owner_id or order.owner_id, opportunity_id=opportunity_id
    )


def _base_rate(tx: SalesTx, currency: str, on: date) -> ValuationRate | None:
    """What the currency is worth on a day; None when the tenant does not say.

    A subscription is not refused for it: what brings money runs, and its revenue is told as without
    value in the base currency.
    """
    base, in_use = base_currency_of(tx)
    settings = None if base is None or in_use else tx.currency_settings.of_tenant()
    base = base if settings is None else settings.base_currency
    if base is None:
        return None
    found = None if currency == base else rate_in_force(tx, currency, base, on)
    if currency != base and found is None:
        return None
    if settings is not None:
        settings.take_into_use()
    return ValuationRate(base, Decimal(1) if found is None else found[0])


def _require_near(starts_on: date, today: date) -> None:
    first, last = (months_later(today, n, today.day) for n in (-LONGEST_TERM, LONGEST_TERM))
    if not first <= starts_on <= last:
        message = f"It can begin from {first} to {last}."
        raise Invalid.at("/starts_on", "day_impossible", message)
