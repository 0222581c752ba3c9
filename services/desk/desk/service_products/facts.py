"""Facts about service products to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.service_products import domain
from rapport.desk.events.v1 import entitlement_events_pb2 as events


def _defined(fact: domain.ServiceProductDefined) -> events.ServiceProductDefined:
    return events.ServiceProductDefined(
        service_product_id=str(fact.product.id), sku=fact.product.sku
    )


def _changed(fact: domain.ServiceProductChanged) -> events.ServiceProductChanged:
    return events.ServiceProductChanged(
        service_product_id=str(fact.product.id), sku=fact.product.sku
    )


def _archived(fact: domain.ServiceProductArchived) -> events.ServiceProductArchived:
    return events.ServiceProductArchived(
        service_product_id=str(fact.product.id), sku=fact.product.sku
    )


def _restored(fact: domain.ServiceProductRestored) -> events.ServiceProductRestored:
    return events.ServiceProductRestored(
        service_product_id=str(fact.product.id), sku=fact.product.sku
    )


SERVICE_PRODUCT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.ServiceProductDefined: _defined,
    domain.ServiceProductChanged: _changed,
    domain.ServiceProductArchived: _archived,
    domain.ServiceProductRestored: _restored,
}
