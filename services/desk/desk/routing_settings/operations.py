"""What administrators do to their tenant's routing settings."""

from __future__ import annotations

from desk.routing_settings.domain import RoutingPreferences, RoutingSettings
from desk.transaction import DeskTx


def change_routing_settings(tx: DeskTx, preferences: RoutingPreferences) -> RoutingSettings:
    """Have tickets routed otherwise from now on; those that were stay as they are."""
    settings = tx.routing_settings.of_tenant()
    settings.change(preferences)
    return settings
