"""Facts about models to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.asset_models import domain
from rapport.desk.events.v1 import asset_events_pb2 as events


def _defined(fact: domain.AssetModelDefined) -> events.AssetModelDefined:
    terms = fact.model.terms
    return events.AssetModelDefined(
        model_id=str(fact.model.id),
        product_sku=fact.model.product_sku,
        warranty_months=terms.warranty_months,
        registration=terms.registration,
    )


def _changed(fact: domain.AssetModelChanged) -> events.AssetModelChanged:
    terms = fact.model.terms
    return events.AssetModelChanged(
        model_id=str(fact.model.id),
        product_sku=fact.model.product_sku,
        warranty_months=terms.warranty_months,
        registration=terms.registration,
    )


def _archived(fact: domain.AssetModelArchived) -> events.AssetModelArchived:
    return events.AssetModelArchived(
        model_id=str(fact.model.id), product_sku=fact.model.product_sku
    )


ASSET_MODEL_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.AssetModelDefined: _defined,
    domain.AssetModelChanged: _changed,
    domain.AssetModelArchived: _archived,
}
