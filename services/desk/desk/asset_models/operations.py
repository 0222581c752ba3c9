"""What administrators do to models; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from desk.asset_models.domain import AssetModel, ModelTerms
from desk.asset_orders.filling import fill_from_orders
from desk.transaction import DeskTx


def define_model(tx: DeskTx, product_sku: str, terms: ModelTerms) -> AssetModel:
    """Keep track of a product's pieces, those delivered before included. Raises `Conflict` for a second time."""
    now = tx.clock.now()
    model = AssetModel(
        id=tx.ids.new(), product_sku=product_sku, terms=terms, created_at=now, updated_at=now
    )
    model.define()
    tx.asset_models.add(model)
    fill_from_orders(tx, model.id)
    return model


def change_model(
    tx: DeskTx, model_id: UUID, change: Callable[[ModelTerms], ModelTerms]
) -> AssetModel:
    """Have other terms for pieces to come. Raises `NotFound`, `Conflict` if archived."""
    model = tx.asset_models.get(model_id)
    model.change(change(model.terms), tx.clock.now())
    return model


def archive_model(tx: DeskTx, model_id: UUID) -> AssetModel:
    """Keep track of new pieces no more. Raises `NotFound`."""
    model = tx.asset_models.get(model_id)
    model.archive(tx.clock.now())
    return model


def restore_model(tx: DeskTx, model_id: UUID) -> AssetModel:
    """Keep track of pieces again, those delivered meanwhile included. Raises `NotFound`."""
    model = tx.asset_models.get(model_id)
    model.restore(tx.clock.now())
    fill_from_orders(tx, model.id)
    return model
