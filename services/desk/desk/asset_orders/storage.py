"""How what orders say is kept: a row for each line of a delivery or return, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from desk.asset_orders.domain import Movement, MovementKind
from desk.assets.domain import Owner


def keep_movement(tx: UnitOfWork, movement: Movement) -> bool:
    """Keep what is said of a line; False when it was known already."""
    about = {
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "kind": movement.kind,
        "key": movement.key,
        "order_id": movement.order_id,
        "order_number": movement.order_number,
        "line_id": movement.line_id,
        "product_sku": movement.product_sku,
        "name": movement.name,
        "quantity": movement.quantity,
        "serial_numbers": json_text(list(movement.serial_numbers)),
        "person_id": movement.owner.person_id,
        "company_id": movement.owner.company_id,
        "moved_at": movement.moved_at,
    }
    return tx.fetch_one(_KEEP, about) is not None


def movements_of(tx: UnitOfWork, order_id: UUID, line_id: str) -> Sequence[Movement]:
    """All that is known of a line. Others who look at it wait until this transaction ends."""
    about = {"tenant_id": tx.tenant_id, "order_id": order_id, "line_id": line_id}
    tx.fetch_one(_ONE_LOOKS, about)
    return [_movement_of(row) for row in tx.fetch_all(_OF_LINE, about)]


def lines_of_product(
    tx: UnitOfWork, product_sku: str, after: tuple[UUID, str] | None, most: int
) -> list[tuple[UUID, str]]:
    """The next lines on which a product was delivered."""
    order_id, line_id = after or (UUID(int=0), "")
    about = {
        "tenant_id": tx.tenant_id,
        "product_sku": product_sku,
        "order_id": order_id,
        "line_id": line_id,
        "most": most,
    }
    return [(row["order_id"], row["line_id"]) for row in tx.fetch_all(_LINES, about)]


def _movement_of(row: Mapping[str, Any]) -> Movement:
    names = (
        *("key", "order_id", "order_number", "line_id", "product_sku"),
        *("name", "quantity", "moved_at"),
    )
    return Movement(
        **{name: row[name] for name in names},
        kind=MovementKind(row["kind"]),
        serial_numbers=tuple(row["serial_numbers"]),
        owner=Owner(row["person_id"], row["company_id"]),
    )


_KEEP = Statement(
    "INSERT INTO asset_movements (tenant_id, id, kind, key, order_id, order_number, line_id,"
    " product_sku, name, quantity, serial_numbers, person_id, company_id, moved_at) VALUES"
    " (%(tenant_id)s, %(id)s, %(kind)s, %(key)s, %(order_id)s, %(order_number)s, %(line_id)s,"
    " %(product_sku)s, %(name)s, %(quantity)s, %(serial_numbers)s, %(person_id)s, %(company_id)s,"
    " %(moved_at)s) ON CONFLICT (tenant_id, order_id, line_id, kind, key) DO NOTHING RETURNING id"
)
_OF_LINE = Statement(
    "SELECT kind, key, order_id, order_number, line_id, product_sku, name, quantity, serial_numbers,"
    " person_id, company_id, moved_at FROM asset_movements"
    " WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s AND line_id = %(line_id)s"
)
_LINES = Statement(
    "SELECT DISTINCT order_id, line_id FROM asset_movements WHERE tenant_id = %(tenant_id)s"
    " AND product_sku = %(product_sku)s AND (order_id, line_id) > (%(order_id)s, %(line_id)s)"
    " ORDER BY order_id, line_id LIMIT %(most)s"
)
_ONE_LOOKS = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('line ' || %(tenant_id)s::text"
    " || %(order_id)s::text || %(line_id)s, 0))"
)
