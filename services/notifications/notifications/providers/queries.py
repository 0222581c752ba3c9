"""Reads providers, straight to the response; never their secrets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.providers.domain import ProviderSettings
from notifications.providers.storage import providers, settings_of

_columns = providers.c
_HIDDEN = ("tenant_id", "secrets", "removed_at")
_shown = sa.select(*(column for column in _columns if column.name not in _HIDDEN))

PROVIDERS = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "created_at": _columns.created_at},
    default_sort="position",
    filters={"channel": text_filter(_columns.channel), "kind": text_filter(_columns.kind)},
)


def list_providers(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the providers in use."""
    base = _in_use(reading)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_provider(reading: Reading | UnitOfWork, provider_id: UUID) -> dict[str, Any]:
    """A provider as the API shows one. Raises `NotFound`."""
    statement = _in_use(reading).where(_columns.id == provider_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("provider", provider_id)
    return dict(row._mapping)


def provider_settings(reading: Reading, provider_id: UUID) -> ProviderSettings:
    """What a provider is called with, secrets (sealed) included. Raises `NotFound`."""
    statement = sa.select(providers).where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.id == provider_id,
        _columns.removed_at.is_(None),
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("provider", provider_id)
    return settings_of(row)


def _in_use(reading: Reading | UnitOfWork) -> sa.Select[Any]:
    return _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.removed_at.is_(None)
    )
