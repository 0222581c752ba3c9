"""Facts about products to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import product_events_pb2 as events
from sales.products.domain import ProductArchived, ProductDefined, ProductRestored


def _defined(fact: ProductDefined) -> events.ProductDefined:
    details = fact.details
    options = details.bundle.options if details.bundle else ()
    sold_as = details.subscription
    return events.ProductDefined(
        product_id=str(fact.product_id),
        sku=details.sku,
        category=details.category,
        serial_numbered=details.serial_numbered,
        option_product_ids=[str(option.product_id) for option in options],
        term_months=None if sold_as is None else sold_as.term_months,
    )


def _archived(fact: ProductArchived) -> events.ProductArchived:
    return events.ProductArchived(product_id=str(fact.product_id))


def _restored(fact: ProductRestored) -> events.ProductRestored:
    return events.ProductRestored(product_id=str(fact.product_id))


PRODUCT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ProductDefined: _defined,
    ProductArchived: _archived,
    ProductRestored: _restored,
}
