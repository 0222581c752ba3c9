"""Service products over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.service_products import operations, queries
from desk.service_products.domain import ServiceProduct
from desk.service_products.models import (
    ServiceProductIn,
    ServiceProductOut,
    ServiceProductPatch,
    changed_by,
    shown,
    terms_in,
)
from desk.transaction import DeskTx

READ = "desk.entitlements.read"
WRITE = "desk.service_products.write"
_ONE = "/<uuid:service_product_id>"

service_products = Routes("/v1/desk/service-products", tag="entitlements")


@service_products.get(
    "", permission=READ, listing=queries.SERVICE_PRODUCTS, returns=ServiceProductOut
)
def list_service_products(call: Call[DeskTx], listing: Listing) -> Reply:
    """List the products that are service contracts."""
    return Reply(call.read(queries.list_service_products, listing))


@service_products.post(
    "",
    permission=WRITE,
    body=ServiceProductIn,
    returns=ServiceProductOut,
    status=201,
    problems=(409,),
)
def define_service_product(call: Call[DeskTx], body: ServiceProductIn) -> Response:
    """Have whoever subscribes to a product have a service contract from now on."""

    def reply(_tx: DeskTx, made: ServiceProduct) -> Reply:
        location = f"{service_products.prefix}/{made.id}"
        return Reply.created(location, shown(made), made.version)

    asked = (body.sku, terms_in(body))
    return call.run(lambda tx: operations.define_service_product(tx, *asked), reply)


@service_products.get(_ONE, permission=READ, returns=ServiceProductOut)
def get_service_product(call: Call[DeskTx], service_product_id: UUID) -> Reply:
    """Get a product that is a service contract."""
    found = call.read(queries.get_service_product, service_product_id)
    return Reply(found, version=found["version"])


@service_products.patch(
    _ONE,
    permission=WRITE,
    body=ServiceProductPatch,
    returns=ServiceProductOut,
    problems=(404, 409),
)
def change_service_product(
    call: Call[DeskTx], body: ServiceProductPatch, service_product_id: UUID
) -> Response:
    """Have contracts to come give something else; those that there are stay as they are."""

    def change(tx: DeskTx) -> ServiceProduct:
        return operations.change_service_product(
            tx, service_product_id, lambda terms: changed_by(body, terms)
        )

    return call.run(change, _shown)


@service_products.post(f"{_ONE}/archive", permission=WRITE, returns=ServiceProductOut)
def archive_service_product(call: Call[DeskTx], service_product_id: UUID) -> Response:
    """Have whoever subscribes to a product have no service contract by that any more."""
    return call.run(lambda tx: operations.archive_service_product(tx, service_product_id), _shown)


@service_products.post(f"{_ONE}/restore", permission=WRITE, returns=ServiceProductOut)
def restore_service_product(call: Call[DeskTx], service_product_id: UUID) -> Response:
    """Have whoever orders a product from now on have a service contract by that again."""
    return call.run(lambda tx: operations.restore_service_product(tx, service_product_id), _shown)


def _shown(_tx: DeskTx, product: ServiceProduct) -> Reply:
    return Reply(shown(product), version=product.version)
