"""Products over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.products import operations, queries
from sales.products.domain import Product
from sales.products.models import ProductIn, ProductOut, ProductPatch, changed, details_in, shown
from sales.transaction import SalesTx

READ = "sales.products.read"
WRITE = "sales.products.write"

products = Routes("/v1/sales/products", tag="products")


@products.get("", permission=READ, listing=queries.PRODUCTS, returns=ProductOut)
def list_products(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what is sold, by article number unless asked otherwise."""
    return Reply(call.read(queries.list_products, listing))


@products.post(
    "", permission=WRITE, body=ProductIn, returns=ProductOut, status=201, problems=(409,)
)
def define_product(call: Call[SalesTx], body: ProductIn) -> Response:
    """Define a product; with a bundle, others are chosen along with it by rules."""
    details = details_in(body)

    def reply(_tx: SalesTx, product: Product) -> Reply:
        return Reply.created(f"{products.prefix}/{product.id}", shown(product), product.version)

    return call.run(lambda tx: operations.define_product(tx, details), reply)


@products.get("/<uuid:product_id>", permission=READ, returns=ProductOut)
def get_product(call: Call[SalesTx], product_id: UUID) -> Reply:
    """Get a product."""
    product = call.read(queries.get_product, product_id)
    return Reply(product, version=product["version"])


@products.patch(
    "/<uuid:product_id>",
    permission=WRITE,
    body=ProductPatch,
    returns=ProductOut,
    problems=(409,),
)
def redefine_product(call: Call[SalesTx], body: ProductPatch, product_id: UUID) -> Response:
    """Change a product; what was sold of it stays as it was."""
    return call.run(
        lambda tx: operations.redefine_product(tx, product_id, lambda old: changed(old, body)),
        _shown,
    )


@products.delete("/<uuid:product_id>", permission=WRITE)
def archive_product(call: Call[SalesTx], product_id: UUID) -> Response:
    """Archive a product: it cannot be chosen any more."""
    return call.run(
        lambda tx: operations.archive_product(tx, product_id),
        lambda _tx, _product: Reply.nothing(),
    )


@products.post("/<uuid:product_id>/restore", permission=WRITE, returns=ProductOut)
def restore_product(call: Call[SalesTx], product_id: UUID) -> Response:
    """Sell an archived product again."""
    return call.run(lambda tx: operations.restore_product(tx, product_id), _shown)


def _shown(_tx: SalesTx, product: Product) -> Reply:
    return Reply(shown(product), version=product.version)
