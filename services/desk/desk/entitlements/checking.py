"""Whether somebody is entitled to help with something: by its warranty, or by a service contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.assets.domain import Asset
from desk.assets.queries import asset_for, find_asset
from desk.entitlements.models import allowance_out
from desk.entitlements.queries import serving, used_of
from desk.people.named import known_as
from desk.tenant_days.zones import day_of, zone_of


@dataclass(frozen=True, slots=True)
class Concern:
    """Whose concern it is, and about what."""

    person_id: UUID | None = None
    company_id: UUID | None = None
    asset_id: UUID | None = None
    product_sku: str = ""


def check(
    reading: Reading | UnitOfWork, concern: Concern, at: datetime | None = None
) -> dict[str, Any]:
    """What covers a concern on the day of `at`, or today.

    A thing counts when it is whose the concern is; without one named, the only one that the person has
    of the product.
    """
    day = day_of(at or reading.clock.now(), zone_of(reading))
    person_id = known_as(reading, concern.person_id)
    asset = _asset(reading, concern, person_id)
    sku = concern.product_sku or ("" if asset is None else asset.details.product_sku)
    contracts = [
        each
        for each in serving(reading, person_id, concern.company_id, day)
        if each.terms.coverage.includes(sku, None if asset is None else asset.id)
    ]
    used = used_of(reading, contracts, day)
    left = {each.id: each.remaining(used[each.id]) for each in contracts}
    warranty = asset is not None and _is_under_warranty(asset, day)
    return {
        "entitled": warranty or any(each is None or each > 0 for each in left.values()),
        "day": day,
        "asset_id": None if asset is None else asset.id,
        "under_warranty": warranty,
        "warranty_until": None if asset is None else asset.details.warranty_until,
        "entitlements": [
            {
                "id": each.id,
                "name": each.terms.name,
                "ends_on": each.terms.ends_on,
                "allowance": allowance_out(each.terms.allowance),
                "remaining": left[each.id],
            }
            for each in contracts
        ],
    }


def is_entitled(reading: Reading | UnitOfWork, concern: Concern) -> bool:
    """Whether anything covers a concern today."""
    return bool(check(reading, concern)["entitled"])


def _asset(reading: Reading | UnitOfWork, concern: Concern, person_id: UUID | None) -> Asset | None:
    asset_id = concern.asset_id or asset_for(reading, person_id, concern.product_sku)
    if asset_id is None:
        return None
    try:
        asset = find_asset(reading, asset_id)
    except NotFound:
        return None
    owner = asset.owner
    is_persons = owner.person_id is not None and owner.person_id == person_id
    is_companys = owner.company_id is not None and owner.company_id == concern.company_id
    return asset if is_persons or is_companys else None


def _is_under_warranty(asset: Asset, day: date) -> bool:
    bought = asset.details.bought_on
    return asset.is_under_warranty(day) and (bought is None or bought <= day)
