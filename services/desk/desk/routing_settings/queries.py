"""Reads a tenant's routing settings, straight to the response."""

from __future__ import annotations

from typing import Any

from chassis.storage.unit_of_work import Reading
from desk.routing_settings.models import shown
from desk.routing_settings.storage import routing_settings_of


def get_routing_settings(reading: Reading) -> dict[str, Any]:
    """The settings as the API shows them."""
    return shown(routing_settings_of(reading))
