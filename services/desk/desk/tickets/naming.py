"""Checks that the thing is there that a ticket is said to be about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.domain import Invalid
from chassis.storage.statements import Statement
from desk.transaction import DeskTx


def require_asset(tx: DeskTx, asset_id: UUID | None) -> None:
    """Raises `Invalid` for a thing that nobody is known to own."""
    if asset_id is None:
        return
    if tx.fetch_one(_ASSET, {"tenant_id": tx.tenant_id, "id": asset_id}) is None:
        raise Invalid.at("/asset_id", "asset_unknown", f"There is no asset {asset_id}.")


def require_new_asset(tx: DeskTx, changes: Mapping[str, Any], before: UUID | None) -> None:
    """The same for a change; what a ticket was about already, it still may be."""
    if changes.get("asset_id") != before:
        require_asset(tx, changes.get("asset_id"))


_ASSET = Statement("SELECT id FROM assets WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
