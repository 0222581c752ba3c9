"""Reads providers, straight to the response; never their secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.providers.domain import ProviderSettings
from notifications.providers.storage import provider_paces, providers, settings_of

_columns = providers.c
_pace = provider_paces.c
_HIDDEN = ("tenant_id", "secrets", "removed_at")
_shown = sa.select(
    *(column for column in _columns if column.name not in _HIDDEN),
    sa.func.coalesce(_pace.failures, 0).label("failures"),
    _pace.paused_until,
).select_from(
    providers.outerjoin(
        provider_paces,
        sa.and_(_pace.tenant_id == _columns.tenant_id, _pace.provider_id == _columns.id),
    )
)

PROVIDERS = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "created_at": _columns.created_at},
    default_sort="position",
    filters={"channel": text_filter(_columns.channel), "kind": text_filter(_columns.kind)},
)


def list_providers(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the providers in use."""
    now = reading.clock.now()
    return listing.fetch(
        reading.connection, _in_use(reading), lambda row: _present(row._mapping, now)
    )


def get_provider(reading: Reading | UnitOfWork, provider_id: UUID) -> dict[str, Any]:
    """A provider as the API shows one. Raises `NotFound`."""
    statement = _in_use(reading).where(_columns.id == provider_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("provider", provider_id)
    return _present(row._mapping, reading.clock.now())


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


def _present(row: sa.RowMapping, now: datetime) -> dict[str, Any]:
    """A rest that is over is none."""
    until = row["paused_until"]
    return {**row, "paused_until": until if until is not None and until > now else None}
