"""Reads products, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, text_filter
from chassis.storage.unit_of_work import Reading
from sales.products.storage import products

_columns = products.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

PRODUCTS = ListSpec(
    key=_columns.id,
    sorts={"sku": _columns.sku, "created_at": _columns.created_at},
    default_sort="sku",
    filters={
        "sku": text_filter(_columns.sku),
        "category": text_filter(_columns.category),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_product(reading: Reading, product_id: UUID) -> dict[str, Any]:
    """The product as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == product_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("product", product_id)
    return dict(row._mapping)


def list_products(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of products; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base)
