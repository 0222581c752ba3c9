"""Reads registrations, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.asset_registrations.domain import RegistrationStatus, WaitingCause
from desk.asset_registrations.models import AssetRegistrationOut
from desk.asset_registrations.storage import asset_registrations

_columns = asset_registrations.c
_shown = sa.select(*(_columns[name] for name in AssetRegistrationOut.model_fields))

REGISTRATIONS = ListSpec(
    key=_columns.id,
    sorts={"received_at": _columns.received_at},
    default_sort="-received_at",
    filters={
        "status": choice_filter(_columns.status, *RegistrationStatus),
        "cause": choice_filter(_columns.cause, *WaitingCause),
        "person_id": uuid_filter(_columns.person_id),
        "product_sku": text_filter(_columns.product_sku),
        "received_at": time_filter(_columns.received_at),
    },
)


def list_registrations(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what customers register."""
    return listing.fetch(reading.connection, _of_tenant(reading))


def get_registration(reading: Reading, asset_registration_id: UUID) -> dict[str, Any]:
    """A registration as the API shows one. Raises `NotFound`."""
    found = _of_tenant(reading).where(_columns.id == asset_registration_id)
    row = reading.connection.execute(found).first()
    if row is None:
        raise NotFound.of("registration", asset_registration_id)
    return dict(row._mapping)


def _of_tenant(reading: Reading) -> sa.Select[Any]:
    return _shown.where(_columns.tenant_id == reading.caller.tenant_id)
