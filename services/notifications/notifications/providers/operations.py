"""Sets up, changes and removes providers; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from notifications.providers.domain import ConfiguredProvider, ProviderSettings
from notifications.transaction import NotificationsTx


def define_provider(tx: NotificationsTx, settings: ProviderSettings) -> ConfiguredProvider:
    """Set a provider up."""
    provider = ConfiguredProvider.define(tx.ids.new(), settings, tx.clock.now())
    tx.providers.add(provider)
    return provider


def redefine_provider(
    tx: NotificationsTx,
    provider_id: UUID,
    change: Callable[[ProviderSettings], ProviderSettings],
) -> ConfiguredProvider:
    """Change a provider's settings. Raises `Conflict` once it is removed.

    One that is called otherwise than before rests no longer: why it did may be mended.
    """
    provider = tx.providers.get(provider_id)
    provider.refuse_when_removed()
    before = provider.settings
    provider.redefine(change(before), tx.clock.now())
    if provider.settings.is_called_otherwise(before):
        tx.providers.consider_well(provider_id)
    return provider


def remove_provider(tx: NotificationsTx, provider_id: UUID) -> None:
    """Use a provider no longer, and forget its secrets."""
    tx.providers.get(provider_id).remove(tx.clock.now())
