"""Has things of past orders be known once their product is a model; some at a time, by a timer."""

from __future__ import annotations

from uuid import UUID

from chassis.work.timers import Timer, set_timer
from desk.asset_orders.operations import settle_line
from desk.asset_orders.storage import lines_of_product
from desk.transaction import DeskTx

ASSET_FILLING = "asset_filling"
_BATCH = 100


def fill_from_orders(tx: DeskTx, model_id: UUID) -> None:
    """Have a model's pieces be known that were delivered before."""
    set_timer(tx, ASSET_FILLING, str(model_id), tx.clock.now())


def filling_goes_on(tx: DeskTx, timer: Timer) -> None:
    """Go through the next lines on which the product was delivered."""
    for model in tx.asset_models.get_many([UUID(timer.key)]):
        if model.archived_at is not None:
            return
        after = None
        if "order_id" in timer.data:
            after = (UUID(timer.data["order_id"]), str(timer.data["line_id"]))
        lines = lines_of_product(tx, model.product_sku, after, _BATCH)
        for order_id, line_id in lines:
            settle_line(tx, order_id, line_id)
        if len(lines) == _BATCH:
            last_order, last_line = lines[-1]
            data = {"order_id": str(last_order), "line_id": last_line}
            set_timer(tx, ASSET_FILLING, timer.key, tx.clock.now(), data)
