"""What administrators do to their tenant's settings of the desk."""

from __future__ import annotations

from desk.desk_settings.domain import Preferences, TenantSettings
from desk.service_levels.escalating import require_destination
from desk.transaction import DeskTx


def change_desk_settings(tx: DeskTx, preferences: Preferences) -> TenantSettings:
    """Have the desk work otherwise from now on. Raises `Invalid` for a queue or a user there is not."""
    settings = tx.desk_settings.of_tenant()
    if preferences.broken_promise != settings.preferences.broken_promise:
        require_destination(tx, preferences.broken_promise, "/broken_promise")
    settings.change(preferences, tx.clock.now())
    return settings
