"""Settings of subscriptions as the REST face takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from sales.subscription_settings.domain import (
    EARLIEST_REMINDER,
    MOST_REMINDERS,
    REMINDER_DAYS,
    SubscriptionSettings,
)


class SubscriptionSettingsIn(Body):
    """On which days before the end of a term somebody is reminded, and where renewals are opened.

    Without a pipeline it is the oldest that takes anything.
    """

    reminder_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=EARLIEST_REMINDER)], ...],
        Field(max_length=MOST_REMINDERS),
    ] = REMINDER_DAYS
    pipeline_id: UUID | None = None


class SubscriptionSettingsOut(BaseModel):
    """The settings; `time_zone` is the organisation's, whose days count."""

    version: int
    reminder_days: list[int]
    pipeline_id: UUID | None
    time_zone: str


def shown(settings: SubscriptionSettings) -> dict[str, Any]:
    """The settings as the API shows them."""
    return {
        "version": settings.version,
        "reminder_days": list(settings.reminder_days),
        "pipeline_id": settings.pipeline_id,
        "time_zone": settings.zone.key,
    }
