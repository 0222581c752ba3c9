"""Has what customers own follow from what orders say; each function is part of one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from desk.asset_models.domain import AssetModel
from desk.asset_models.storage import model_by_sku
from desk.asset_orders.domain import (
    Movement,
    NumberedPiece,
    UnnumberedPieces,
    numbered_pieces,
    unnumbered_pieces,
)
from desk.asset_orders.storage import movements_of
from desk.assets.domain import (
    Asset,
    AssetDetails,
    AssetSource,
    AssetStatus,
    OrderOrigin,
    serial_key,
)
from desk.assets.operations import add_asset, current_owner
from desk.assets.storage import ASSET_SERIAL
from desk.tenant_days.domain import months_after
from desk.tenant_days.zones import day_of, zone_of
from desk.transaction import DeskTx

_BY_ORDERS = (AssetStatus.ACTIVE, AssetStatus.RETURNED)


def settle_line(tx: DeskTx, order_id: UUID, line_id: str) -> None:
    """Have a customer own what an order's line says, as far as its product is a model."""
    movements = movements_of(tx, order_id, line_id)
    model = model_by_sku(tx, movements[0].product_sku) if movements else None
    if model is None:
        return
    tx.try_again_on(ASSET_SERIAL)
    for piece in numbered_pieces(movements):
        _settle_numbered(tx, model, piece)
    for pieces in unnumbered_pieces(movements):
        _settle_unnumbered(tx, model, pieces)


def _settle_numbered(tx: DeskTx, model: AssetModel, piece: NumberedPiece) -> None:
    delivery, now = piece.delivery, tx.clock.now()
    details = _details(tx, model, delivery, piece.serial_number)
    asset = tx.assets.by_serial(details.product_sku, serial_key(details.serial_number))
    if asset is None:
        # Where all pieces of the delivery are known, somebody has corrected the number of this one.
        if tx.assets.numbered_of(_origin(delivery)) < len(delivery.serial_numbers):
            _add(tx, details, delivery, is_there=piece.is_there)
        return
    if asset.status not in _BY_ORDERS:
        return
    if asset.origin is None or not _is_of(asset, delivery):
        if delivery.moved_at < asset.owned_since and asset.source is AssetSource.ORDER:
            return  # somebody else has it by now
        _take_over(tx, asset, details, delivery)
    if _is_settled_by_hand(tx, asset, piece.moved_at):
        return
    if piece.is_there:
        asset.reactivate(now)
    else:
        asset.give_back(now)


def _take_over(tx: DeskTx, asset: Asset, details: AssetDetails, delivery: Movement) -> None:
    """What the tenant itself has sold says best whose a thing is."""
    now, owner = tx.clock.now(), current_owner(tx, delivery.owner)
    if owner.is_nobody:
        return
    asset.transfer(owner, AssetSource.ORDER, now, since=delivery.moved_at)
    kept = replace(details, notes=asset.details.notes)
    asset.source = AssetSource.ORDER
    asset.came_with(_origin(delivery), kept, now)


def _settle_unnumbered(tx: DeskTx, model: AssetModel, pieces: UnnumberedPieces) -> None:
    delivery, now = pieces.delivery, tx.clock.now()
    asset = tx.assets.of_delivery(_origin(delivery))
    if asset is None:
        details = _details(tx, model, delivery, "", pieces.left or pieces.delivered)
        _add(tx, details, delivery, is_there=bool(pieces.left))
        return
    if asset.status not in _BY_ORDERS or _is_settled_by_hand(tx, asset, pieces.moved_at):
        return
    if not pieces.left:
        asset.give_back(now)
        return
    asset.reactivate(now)
    asset.change(replace(asset.details, quantity=pieces.left), now)


def _is_settled_by_hand(tx: DeskTx, asset: Asset, moved_at: datetime) -> bool:
    """Whether somebody has said later than orders do whether, and how many of it, the customer has.

    Orders are heard again whenever anything of their line is: what was said by hand would be undone.
    """
    said_at = tx.assets.said_by_hand(asset.id)
    return said_at is not None and moved_at <= said_at


def _add(tx: DeskTx, details: AssetDetails, delivery: Movement, *, is_there: bool) -> None:
    owner = current_owner(tx, delivery.owner)
    if owner.is_nobody:
        return
    asset = add_asset(tx, details, owner, source=AssetSource.ORDER, origin=_origin(delivery))
    asset.owned_since = delivery.moved_at
    if not is_there:
        asset.give_back(tx.clock.now())


def _details(
    tx: DeskTx, model: AssetModel, delivery: Movement, serial_number: str, quantity: int = 1
) -> AssetDetails:
    bought_on = day_of(delivery.moved_at, zone_of(tx))
    months = model.terms.warranty_months
    return AssetDetails(
        product_sku=model.product_sku,
        name=delivery.name.strip() or model.terms.name,
        model=model.terms.model,
        serial_number=serial_number.strip(),
        quantity=quantity,
        bought_on=bought_on,
        warranty_until=months_after(bought_on, months) if months else None,
    )


def _origin(delivery: Movement) -> OrderOrigin:
    return OrderOrigin(delivery.order_id, delivery.order_number, delivery.line_id, delivery.key)


def _is_of(asset: Asset, delivery: Movement) -> bool:
    return asset.origin == _origin(delivery)
