"""What administrators do to products."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Invalid, Violation
from sales.bundles.domain import Bundle
from sales.products.domain import Product, ProductDetails
from sales.products.storage import products_by_id
from sales.transaction import SalesTx


def define_product(tx: SalesTx, details: ProductDetails) -> Product:
    """Define a product. Raises `Invalid`, `Conflict` when its article number is taken."""
    _require_options(tx, details.bundle)
    now = tx.clock.now()
    product = Product(id=tx.ids.new(), details=details, created_at=now, updated_at=now)
    product.define()
    tx.products.add(product)
    return product


def redefine_product(
    tx: SalesTx, product_id: UUID, change: Callable[[ProductDetails], ProductDetails]
) -> Product:
    """Change a product; what was sold stays. Raises `NotFound`, `Invalid`, `Conflict`."""
    product = tx.products.get(product_id)
    details = change(product.details)
    if details.bundle != product.details.bundle:
        _require_options(tx, details.bundle)
    product.redefine(details, tx.clock.now())
    return product


def archive_product(tx: SalesTx, product_id: UUID) -> Product:
    """Sell a product no more. Raises `NotFound`."""
    product = tx.products.get(product_id)
    product.archive(tx.clock.now())
    return product


def restore_product(tx: SalesTx, product_id: UUID) -> Product:
    """Sell an archived product again. Raises `NotFound`."""
    product = tx.products.get(product_id)
    product.restore(tx.clock.now())
    return product


def _require_options(tx: SalesTx, bundle: Bundle | None) -> None:
    """Options are plain products: a bundle within a bundle would have rules that nobody sees.

    That an option is still plain and sold is looked at again whenever somebody chooses it.
    """
    if bundle is None:
        return
    known = products_by_id(tx, {option.product_id for option in bundle.options})
    wrong: list[Violation] = []
    for place, option in enumerate(bundle.options):
        at, found = f"/bundle/options/{place}/product_id", known.get(option.product_id)
        if found is None:
            message = f"There is no product {option.product_id}."
            wrong.append(Violation(at, "product_unknown", message))
        elif found.details.bundle is not None:
            wrong.append(Violation(at, "option_is_bundle", "An option cannot be a bundle itself."))
    if wrong:
        raise Invalid("Such a bundle cannot be.", violations=tuple(wrong))
