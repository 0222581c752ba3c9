"""Reads service products, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, text_filter
from chassis.storage.unit_of_work import Reading
from desk.service_products.models import shown
from desk.service_products.storage import product_of, service_products

_columns = service_products.c

SERVICE_PRODUCTS = ListSpec(
    key=_columns.id,
    sorts={"sku": _columns.sku, "created_at": _columns.created_at},
    default_sort="sku",
    filters={
        "sku": text_filter(_columns.sku),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_service_product(reading: Reading, product_id: UUID) -> dict[str, Any]:
    """A service product as the API shows one. Raises `NotFound`."""
    found = _of_tenant(reading).where(_columns.id == product_id)
    row = reading.connection.execute(found).mappings().first()
    if row is None:
        raise NotFound.of("service product", product_id)
    return shown(product_of(row))


def list_service_products(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of service products; archived ones only when they are asked for."""
    base = _of_tenant(reading)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(product_of(row._mapping)))


def _of_tenant(reading: Reading) -> sa.Select[Any]:
    return sa.select(service_products).where(_columns.tenant_id == reading.caller.tenant_id)
