"""What administrators, and identity's facts, do to a tenant's settings of subscriptions."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid
from chassis.events.reactions import Envelope
from chassis.storage.tables import timers
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged, TenantCreated
from sales.pipelines.storage import newest_definition
from sales.subscription_settings.domain import SubscriptionSettings
from sales.transaction import SalesTx

SUBSCRIPTION_TIMER = "subscription"
"""What looks after a subscription next; its key is the subscription's id."""


def change_subscription_settings(
    tx: SalesTx, reminder_days: tuple[int, ...], pipeline_id: UUID | None
) -> SubscriptionSettings:
    """Have reminders come on other days, and renewals go into another pipeline.

    Raises `Invalid` for a pipeline that there is not, or that is archived.
    """
    found = None if pipeline_id is None else newest_definition(tx, pipeline_id)
    if pipeline_id is not None and (found is None or found[2]):
        message = f"There is no pipeline {pipeline_id} that takes anything."
        raise Invalid.at("/pipeline_id", "pipeline_unknown", message)
    settings = tx.subscription_settings.of_tenant()
    days = settings.reminder_days
    settings.change(reminder_days, pipeline_id)
    if settings.reminder_days != days:
        _look_again(tx)
    return settings


def follow_time_zone(tx: SalesTx, time_zone: str, version: int) -> SubscriptionSettings:
    """Reckon days by the tenant's time zone, as of a version of the tenant."""
    settings = tx.subscription_settings.of_tenant()
    before = settings.time_zone
    settings.follow(time_zone, version)
    if settings.time_zone != before:
        _look_again(tx)
    return settings


def on_time_zone_told(tx: SalesTx, fact: TenantCreated | TenantChanged, envelope: Envelope) -> None:
    """Follow what identity says of the tenant; facts that come late change nothing."""
    follow_time_zone(tx, fact.time_zone, envelope.aggregate_version)


def _look_again(tx: SalesTx) -> None:
    """Have every subscription's timer find its next day anew: those that are set are of no use."""
    every = (timers.c.tenant_id == tx.tenant_id, timers.c.kind == SUBSCRIPTION_TIMER)
    tx.connection.execute(sa.update(timers).where(*every).values(due_at=tx.clock.now()))
