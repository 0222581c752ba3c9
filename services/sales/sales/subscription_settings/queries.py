"""Reads a tenant's settings of subscriptions, straight to the response."""

from __future__ import annotations

from typing import Any

from chassis.storage.unit_of_work import Reading
from sales.subscription_settings.models import shown
from sales.subscription_settings.storage import settings_of


def get_subscription_settings(reading: Reading) -> dict[str, Any]:
    """The settings as the API shows them."""
    return shown(settings_of(reading))
