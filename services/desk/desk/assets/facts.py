"""Facts about things that customers own to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from google.protobuf.message import Message

from desk.assets import domain
from desk.encoding import id_or_none
from rapport.desk.events.v1 import asset_events_pb2 as events
from rapport.desk.v1.asset_pb2 import AssetHeader


def _added(fact: domain.AssetAdded) -> events.AssetAdded:
    return events.AssetAdded(
        person_id=id_or_none(fact.asset.owner.person_id),
        asset=_header(fact.asset),
        source=fact.asset.source,
    )


def _changed(fact: domain.AssetChanged) -> events.AssetChanged:
    return events.AssetChanged(
        asset=_header(fact.asset), changed_fields=sorted(fact.changed_fields)
    )


def _transferred(fact: domain.AssetTransferred) -> events.AssetTransferred:
    return events.AssetTransferred(
        asset=_header(fact.asset),
        from_person_id=id_or_none(fact.from_owner.person_id),
        from_company_id=id_or_none(fact.from_owner.company_id),
        cause=fact.cause,
    )


def _returned(fact: domain.AssetReturned) -> events.AssetReturned:
    return events.AssetReturned(asset=_header(fact.asset))


def _reactivated(fact: domain.AssetReactivated) -> events.AssetReactivated:
    return events.AssetReactivated(asset=_header(fact.asset))


def _replaced(fact: domain.AssetReplaced) -> events.AssetReplaced:
    return events.AssetReplaced(asset=_header(fact.asset), replaced_by_id=str(fact.replaced_by_id))


def _scrapped(fact: domain.AssetScrapped) -> events.AssetScrapped:
    return events.AssetScrapped(asset=_header(fact.asset))


def _header(asset: domain.Asset) -> AssetHeader:
    details, origin = asset.details, asset.origin
    return AssetHeader(
        asset_id=str(asset.id),
        person_id=id_or_none(asset.owner.person_id),
        company_id=id_or_none(asset.owner.company_id),
        product_sku=details.product_sku,
        serial_number=details.serial_number,
        quantity=details.quantity,
        status=asset.status,
        order_id=None if origin is None else str(origin.order_id),
        bought_on=_day(details.bought_on),
        warranty_until=_day(details.warranty_until),
    )


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


ASSET_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.AssetAdded: _added,
    domain.AssetChanged: _changed,
    domain.AssetTransferred: _transferred,
    domain.AssetReturned: _returned,
    domain.AssetReactivated: _reactivated,
    domain.AssetReplaced: _replaced,
    domain.AssetScrapped: _scrapped,
}
