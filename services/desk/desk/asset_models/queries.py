"""Reads models, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, choice_filter, text_filter
from chassis.storage.unit_of_work import Reading
from desk.asset_models.domain import RegistrationMode
from desk.asset_models.storage import asset_models

_columns = asset_models.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_MOST_OFFERED = 500

MODELS = ListSpec(
    key=_columns.id,
    sorts={"product_sku": _columns.product_sku, "created_at": _columns.created_at},
    default_sort="product_sku",
    filters={
        "product_sku": text_filter(_columns.product_sku),
        "registration": choice_filter(_columns.registration, *RegistrationMode),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_model(reading: Reading, model_id: UUID) -> dict[str, Any]:
    """A model as the API shows one. Raises `NotFound`."""
    row = reading.connection.execute(_of_tenant(reading).where(_columns.id == model_id)).first()
    if row is None:
        raise NotFound.of("model", model_id)
    return dict(row._mapping)


def list_models(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of models; archived ones only when they are asked for."""
    base = _of_tenant(reading)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base)


def registrable_models(reading: Reading) -> list[dict[str, Any]]:
    """The models of which customers register pieces themselves, by name."""
    statement = (
        _of_tenant(reading)
        .where(
            _columns.archived_at.is_(None),
            _columns.registration != RegistrationMode.OFF.value,
        )
        .order_by(_columns.name, _columns.product_sku)
        .limit(_MOST_OFFERED)
    )
    return [dict(row._mapping) for row in reading.connection.execute(statement)]


def _of_tenant(reading: Reading) -> sa.Select[Any]:
    return _shown.where(_columns.tenant_id == reading.caller.tenant_id)
