"""Reads what customers own, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    date_filter,
    read_text,
    text_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.assets.domain import Asset, AssetSource, AssetStatus, serial_key
from desk.assets.models import AssetEntryOut, shown
from desk.assets.storage import asset_history, asset_of, assets
from desk.people.named import known_as
from desk.tenant_days.zones import day_of, zone_of

_columns = assets.c
_history = asset_history.c


def _same_serial(_operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    same: sa.ColumnElement[bool] = _columns.serial_key == value
    return same


def _serial_key(text: str) -> str:
    key = serial_key(read_text(text))
    if not key:
        raise ValueError("has to have letters or digits")
    return key


ASSETS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "updated_at": _columns.updated_at},
    default_sort="-created_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "product_sku": text_filter(_columns.product_sku),
        "serial": FilterField(_serial_key, _same_serial, ("eq",), {"type": "string"}),
        "status": choice_filter(_columns.status, *AssetStatus),
        "source": choice_filter(_columns.source, *AssetSource),
        "order_id": uuid_filter(_columns.order_id),
        "bought_on": date_filter(_columns.bought_on),
        "warranty_until": date_filter(_columns.warranty_until),
    },
)
HISTORY = ListSpec(key=_history.id, sorts={"at": _history.at}, default_sort="at")


def get_asset(reading: Reading | UnitOfWork, asset_id: UUID) -> dict[str, Any]:
    """A thing as the API shows one. Raises `NotFound`."""
    return as_shown(reading, find_asset(reading, asset_id))


def as_shown(reading: Reading | UnitOfWork, asset: Asset) -> dict[str, Any]:
    """A thing as the API shows it today."""
    return shown(asset, day_of(reading.clock.now(), zone_of(reading)))


def find_asset(reading: Reading | UnitOfWork, asset_id: UUID) -> Asset:
    """A thing. Raises `NotFound`."""
    statement = sa.select(assets).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == asset_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("asset", asset_id)
    return asset_of(row)


def list_assets(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what customers own."""
    mine = sa.select(assets).where(_columns.tenant_id == reading.caller.tenant_id)
    today = day_of(reading.clock.now(), zone_of(reading))
    return listing.fetch(reading.connection, mine, lambda row: shown(asset_of(row._mapping), today))


def list_history(reading: Reading, listing: Listing, asset_id: UUID) -> dict[str, Any]:
    """A page of what happened to a thing. Raises `NotFound`."""
    find_asset(reading, asset_id)
    shown_columns = (_history[name] for name in AssetEntryOut.model_fields)
    mine = sa.select(*shown_columns).where(
        _history.tenant_id == reading.caller.tenant_id, _history.asset_id == asset_id
    )
    return listing.fetch(reading.connection, mine)


def asset_for(reading: Reading | UnitOfWork, person_id: UUID | None, sku: str) -> UUID | None:
    """The thing that a ticket of a person about a product is about: the only one that they have of it."""
    if person_id is None or not sku:
        return None
    about = {
        "tenant_id": reading.caller.tenant_id,
        "person_id": known_as(reading, person_id),
        "product_sku": sku,
    }
    rows = reading.fetch_all(_FOR_PERSON, about)
    return UUID(str(rows[0]["id"])) if len(rows) == 1 else None


def only_asset_of(reading: Reading | UnitOfWork, person_id: UUID) -> tuple[UUID, str] | None:
    """The only thing that a person has, and its product; None for nothing, and for several."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "person_id": known_as(reading, person_id),
    }
    rows = reading.fetch_all(_OF_PERSON, about)
    return (rows[0]["id"], rows[0]["product_sku"]) if len(rows) == 1 else None


_OF_PERSON = Statement(
    "SELECT id, product_sku FROM assets WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND status = 'active' LIMIT 2"
)
_FOR_PERSON = Statement(
    "SELECT id FROM assets WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND product_sku = %(product_sku)s AND status = 'active' LIMIT 2"
)
