"""What time does to subscriptions: reminds of renewals, renews, ends, resumes, changes as planned.

Each subscription has one durable timer, set for the next day on which something is to be done. What
is overdue is done in the order of its days, each once, whenever the timer fires.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from chassis.domain import Conflict, Invalid
from chassis.money import LARGEST
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.activities.domain import ActivityDetails
from sales.activities.operations import plan_for_tenant
from sales.opportunities.domain import OpportunityDetails
from sales.opportunities.operations import open_opportunity
from sales.pipelines.storage import oldest_pipeline
from sales.subscription_changes.domain import Step, StepKind
from sales.subscription_settings.domain import SubscriptionSettings
from sales.subscription_settings.operations import SUBSCRIPTION_TIMER
from sales.subscription_settings.storage import settings_of
from sales.subscription_terms.domain import begin_of
from sales.subscriptions.domain import Subscription
from sales.transaction import SalesTx

DAYS_TO_ACT = 7
"""Within how many days the owner is to talk about a renewal, after a reminder."""


def today_in(tx: SalesTx, settings: SubscriptionSettings) -> date:
    """Which day it is where the tenant is."""
    return tx.clock.now().astimezone(settings.zone).date()


def catch_up(
    tx: SalesTx, subscription: Subscription, settings: SubscriptionSettings
) -> Step | None:
    """Do all that is due to a subscription; gives what comes next, if anything does."""
    today, now = today_in(tx, settings), tx.clock.now()
    while (step := subscription.next_step(settings.reminder_days, today)) is not None:
        if step.day > today:
            break
        if step.kind is StepKind.REMIND:
            _remind(tx, subscription, settings, today)
        else:
            subscription.take(step, now)
    return step


def look_after(tx: SalesTx, subscription: Subscription, settings: SubscriptionSettings) -> None:
    """Do all that is due to a subscription, and have its timer fire when more is."""
    step, key = catch_up(tx, subscription, settings), str(subscription.id)
    if step is None:
        cancel_timer(tx, SUBSCRIPTION_TIMER, key)
    else:
        set_timer(tx, SUBSCRIPTION_TIMER, key, begin_of(step.day, settings.zone))


def subscription_time_has_come(tx: SalesTx, timer: Timer) -> None:
    """Do what is due to a subscription."""
    for subscription in tx.subscriptions.get_many([UUID(timer.key)]):
        look_after(tx, subscription, settings_of(tx))


def _remind(
    tx: SalesTx, subscription: Subscription, settings: SubscriptionSettings, today: date
) -> None:
    """Tell that the end is near, have the owner do something, and open the renewal, if it is not."""
    opportunity_id = subscription.renewal_opportunity_id or _open_renewal(
        tx, subscription, settings
    )
    details = subscription.details
    act_by = min(today + timedelta(days=DAYS_TO_ACT), subscription.term.ends_on)
    # In the tenant's name: the renewal may be somebody else's than whoever changes the subscription.
    plan_for_tenant(
        tx,
        ActivityDetails(
            subject=f"Renewal: {details.name} ends on {subscription.term.ends_on}",
            owner_id=details.owner_id,
            due_at=begin_of(act_by + timedelta(days=1), settings.zone),
            opportunity_id=opportunity_id,
            person_id=details.person_id,
            company_id=details.company_id,
        ),
    )
    subscription.remind(settings.reminder_days, today, opportunity_id, tx.clock.now())


def _open_renewal(
    tx: SalesTx, subscription: Subscription, settings: SubscriptionSettings
) -> UUID | None:
    """The opportunity to sell the next term, worth what that comes to.

    A reminder is not to fail for what the pipeline or the rates lack: without a rate it has no amount,
    nor where that is more than any may be, and where nothing can be opened there is none.
    """
    pipeline_id = settings.pipeline_id or oldest_pipeline(tx)
    if pipeline_id is None:
        return None
    own, worth = subscription.details, subscription.term_amount
    for amount in (worth, None) if worth.amount < LARGEST else (None,):
        details = OpportunityDetails(
            name=f"Renewal: {own.name}",
            person_id=own.person_id,
            company_id=own.company_id,
            owner_id=own.owner_id,
            amount=amount,
            expected_close_on=subscription.term.ends_on,
            source="renewal",
        )
        try:
            return open_opportunity(tx, pipeline_id, details).id
        except (Conflict, Invalid):
            continue
    return None
