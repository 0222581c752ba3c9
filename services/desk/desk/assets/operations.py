"""What users and apps do to things that customers own; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from desk.assets.domain import (
    Asset,
    AssetDetails,
    AssetSource,
    OrderOrigin,
    Owner,
    changed_details,
)
from desk.people.named import current_or_none
from desk.transaction import DeskTx


def add_asset(
    tx: DeskTx,
    details: AssetDetails,
    owner: Owner,
    *,
    source: AssetSource = AssetSource.MANUAL,
    origin: OrderOrigin | None = None,
) -> Asset:
    """Know of something that a customer owns. Raises `Invalid`, `Conflict` for a serial number twice."""
    now = tx.clock.now()
    asset = Asset(
        id=tx.ids.new(),
        details=details,
        owner=current_owner(tx, owner),
        source=source,
        origin=origin,
        owned_since=now,
        created_at=now,
        updated_at=now,
    )
    asset.add()
    tx.assets.add(asset)
    return asset


def change_asset(tx: DeskTx, asset_id: UUID, changes: Mapping[str, Any]) -> Asset:
    """Change what is mentioned. Raises `NotFound`, `Invalid`, `Conflict` for a serial number twice."""
    asset = tx.assets.get(asset_id)
    asset.change(changed_details(asset.details, dict(changes)), tx.clock.now())
    return asset


def transfer_asset(tx: DeskTx, asset_id: UUID, owner: Owner) -> Asset:
    """Have a thing belong to somebody else. Raises `NotFound`, `Invalid`, `Conflict`."""
    asset = tx.assets.get(asset_id)
    asset.transfer(current_owner(tx, owner), AssetSource.MANUAL, tx.clock.now())
    return asset


def return_asset(tx: DeskTx, asset_id: UUID) -> Asset:
    """Note that a customer has given a thing back. Raises `NotFound`, `Conflict`."""
    asset = tx.assets.get(asset_id)
    asset.give_back(tx.clock.now())
    return asset


def reactivate_asset(tx: DeskTx, asset_id: UUID) -> Asset:
    """Note that a thing is with its customer again. Raises `NotFound`, `Conflict`."""
    asset = tx.assets.get(asset_id)
    asset.reactivate(tx.clock.now())
    return asset


def scrap_asset(tx: DeskTx, asset_id: UUID) -> Asset:
    """Note that a thing is no more. Raises `NotFound`, `Conflict`."""
    asset = tx.assets.get(asset_id)
    asset.scrap(tx.clock.now())
    return asset


def replace_asset(tx: DeskTx, asset_id: UUID, serial_number: str) -> Asset:
    """Give a customer another piece; the warranty goes on. Gives the new one.

    Raises `NotFound`, `Invalid`, `Conflict`.
    """
    asset = tx.assets.get(asset_id)
    details = replace(asset.details, serial_number=serial_number, notes="")
    other = add_asset(tx, details, asset.owner, source=asset.source)
    asset.replace(other.id, tx.clock.now())
    return other


def current_owner(tx: DeskTx, owner: Owner) -> Owner:
    """The same owner, after all merges."""
    return Owner(current_or_none(tx, owner.person_id), owner.company_id)
