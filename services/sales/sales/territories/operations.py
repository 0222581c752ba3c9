"""What administrators do to territories."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from sales.territories.domain import MOST_TERRITORIES, Territory, TerritoryDefinition
from sales.transaction import SalesTx


def define_territory(tx: SalesTx, definition: TerritoryDefinition) -> Territory:
    """Define a territory. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.territories.count() >= MOST_TERRITORIES:
        message = f"There are {MOST_TERRITORIES} territories already."
        raise Conflict(message, code="too_many_territories")
    now = tx.clock.now()
    territory = Territory(id=tx.ids.new(), definition=definition, created_at=now, updated_at=now)
    territory.define()
    tx.territories.add(territory)
    return territory


def redefine_territory(
    tx: SalesTx, territory_id: UUID, change: Callable[[TerritoryDefinition], TerritoryDefinition]
) -> Territory:
    """Change a territory; whoever has which lead by it stays. Raises `NotFound`, `Invalid`."""
    territory = tx.territories.get(territory_id)
    territory.redefine(change(territory.definition), tx.clock.now())
    return territory


def archive_territory(tx: SalesTx, territory_id: UUID) -> Territory:
    """Have a territory count no more. Raises `NotFound`."""
    territory = tx.territories.get(territory_id)
    territory.archive(tx.clock.now())
    return territory


def restore_territory(tx: SalesTx, territory_id: UUID) -> Territory:
    """Have an archived territory count again. Raises `NotFound`."""
    territory = tx.territories.get(territory_id)
    territory.restore(tx.clock.now())
    return territory
