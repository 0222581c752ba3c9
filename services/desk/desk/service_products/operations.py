"""What administrators do to service products; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from desk.service_products.domain import ServiceProduct, ServiceTerms
from desk.transaction import DeskTx


def define_service_product(tx: DeskTx, sku: str, terms: ServiceTerms) -> ServiceProduct:
    """Have orders of a product give contracts from now on. Raises `Invalid`, `Conflict`."""
    now = tx.clock.now()
    product = ServiceProduct(id=tx.ids.new(), sku=sku, terms=terms, created_at=now, updated_at=now)
    product.define()
    tx.service_products.add(product)
    return product


def change_service_product(
    tx: DeskTx, product_id: UUID, change: Callable[[ServiceTerms], ServiceTerms]
) -> ServiceProduct:
    """Have contracts to come give something else. Raises `NotFound`, `Invalid`, `Conflict`."""
    product = tx.service_products.get(product_id)
    product.change(change(product.terms), tx.clock.now())
    return product


def archive_service_product(tx: DeskTx, product_id: UUID) -> ServiceProduct:
    """Have a product give no contracts any more. Raises `NotFound`."""
    product = tx.service_products.get(product_id)
    product.archive(tx.clock.now())
    return product


def restore_service_product(tx: DeskTx, product_id: UUID) -> ServiceProduct:
    """Have orders to come of a product give contracts again. Raises `NotFound`."""
    product = tx.service_products.get(product_id)
    product.restore(tx.clock.now())
    return product
