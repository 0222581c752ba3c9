"""What customers own, over REST."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response

from chassis.domain import Invalid
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.asset_models.storage import model_by_sku
from desk.assets import operations, queries
from desk.assets.domain import Asset, Owner
from desk.assets.models import (
    AssetEntryOut,
    AssetIn,
    AssetOut,
    AssetPatch,
    AssetReplacementIn,
    AssetTransferIn,
    changes_in,
    details_in,
)
from desk.transaction import DeskTx

READ = "desk.assets.read"
WRITE = "desk.assets.write"
_ONE = "/<uuid:asset_id>"

assets = Routes("/v1/desk/assets", tag="assets")


@assets.get("", permission=READ, listing=queries.ASSETS, returns=AssetOut)
def list_assets(call: Call[DeskTx], listing: Listing) -> Reply:
    """List what customers own; a serial number is found however it is written."""
    return Reply(call.read(queries.list_assets, listing))


@assets.post("", permission=WRITE, body=AssetIn, returns=AssetOut, status=201, problems=(409,))
def add_asset(call: Call[DeskTx], body: AssetIn) -> Response:
    """Note something that a customer owns."""

    def add(tx: DeskTx) -> Asset:
        model = model_by_sku(tx, body.product_sku)
        name = body.name.strip() or ("" if model is None else model.terms.name)
        if not name:
            message = "A product that is no model needs a name here."
            raise Invalid.at("/name", "name_missing", message)
        owner = Owner(body.person_id, body.company_id)
        return operations.add_asset(tx, details_in(body, name), owner)

    return call.run(add, _created)


@assets.get(_ONE, permission=READ, returns=AssetOut)
def get_asset(call: Call[DeskTx], asset_id: UUID) -> Reply:
    """Get something that a customer owns."""
    asset = call.read(queries.get_asset, asset_id)
    return Reply(asset, version=asset["version"])


@assets.patch(_ONE, permission=WRITE, body=AssetPatch, returns=AssetOut, problems=(404, 409))
def change_asset(call: Call[DeskTx], body: AssetPatch, asset_id: UUID) -> Response:
    """Change what is known of a thing."""
    return call.run(lambda tx: operations.change_asset(tx, asset_id, changes_in(body)), _shown)


@assets.post(
    f"{_ONE}/transfer",
    permission=WRITE,
    body=AssetTransferIn,
    returns=AssetOut,
    problems=(404, 409),
)
def transfer_asset(call: Call[DeskTx], body: AssetTransferIn, asset_id: UUID) -> Response:
    """Have a thing belong to somebody else."""
    owner = Owner(body.person_id, body.company_id)
    return call.run(lambda tx: operations.transfer_asset(tx, asset_id, owner), _shown)


@assets.post(
    f"{_ONE}/replace",
    permission=WRITE,
    body=AssetReplacementIn,
    returns=AssetOut,
    status=201,
    problems=(404, 409),
)
def replace_asset(call: Call[DeskTx], body: AssetReplacementIn, asset_id: UUID) -> Response:
    """Give a customer another piece in place of a thing; the answer is the new one."""
    serial = body.serial_number.strip()
    return call.run(lambda tx: operations.replace_asset(tx, asset_id, serial), _created)


@assets.post(f"{_ONE}/return", permission=WRITE, returns=AssetOut, problems=(409,))
def return_asset(call: Call[DeskTx], asset_id: UUID) -> Response:
    """Note that a customer has given a thing back."""
    return _done(call, operations.return_asset, asset_id)


@assets.post(f"{_ONE}/reactivate", permission=WRITE, returns=AssetOut, problems=(409,))
def reactivate_asset(call: Call[DeskTx], asset_id: UUID) -> Response:
    """Note that a thing which was given back is with its customer again."""
    return _done(call, operations.reactivate_asset, asset_id)


@assets.post(f"{_ONE}/scrap", permission=WRITE, returns=AssetOut, problems=(409,))
def scrap_asset(call: Call[DeskTx], asset_id: UUID) -> Response:
    """Note that a thing is no more."""
    return _done(call, operations.scrap_asset, asset_id)


@assets.get(f"{_ONE}/history", permission=READ, listing=queries.HISTORY, returns=AssetEntryOut)
def list_asset_history(call: Call[DeskTx], listing: Listing, asset_id: UUID) -> Reply:
    """List what happened to a thing, oldest first unless asked otherwise."""
    return Reply(call.read(queries.list_history, listing, asset_id))


def _done(
    call: Call[DeskTx], operation: Callable[[DeskTx, UUID], Asset], asset_id: UUID
) -> Response:
    return call.run(lambda tx: operation(tx, asset_id), _shown)


def _shown(tx: DeskTx, asset: Asset) -> Reply:
    return Reply(queries.as_shown(tx, asset), version=asset.version)


def _created(tx: DeskTx, asset: Asset) -> Reply:
    location = f"{assets.prefix}/{asset.id}"
    return Reply.created(location, queries.as_shown(tx, asset), asset.version)
