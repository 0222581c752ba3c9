"""Models over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.asset_models import operations, queries
from desk.asset_models.domain import AssetModel
from desk.asset_models.models import (
    AssetModelIn,
    AssetModelOut,
    AssetModelPatch,
    changed_by,
    shown,
    terms_in,
)
from desk.transaction import DeskTx

READ = "desk.assets.read"
WRITE = "desk.asset_models.write"
_ONE = "/<uuid:asset_model_id>"

asset_models = Routes("/v1/desk/asset-models", tag="assets")


@asset_models.get("", permission=READ, listing=queries.MODELS, returns=AssetModelOut)
def list_asset_models(call: Call[DeskTx], listing: Listing) -> Reply:
    """List the products whose pieces are kept track of."""
    return Reply(call.read(queries.list_models, listing))


@asset_models.post(
    "", permission=WRITE, body=AssetModelIn, returns=AssetModelOut, status=201, problems=(409,)
)
def define_asset_model(call: Call[DeskTx], body: AssetModelIn) -> Response:
    """Keep track of a product's pieces, those of orders that were delivered before included."""

    def reply(_tx: DeskTx, model: AssetModel) -> Reply:
        return Reply.created(f"{asset_models.prefix}/{model.id}", shown(model), model.version)

    asked = (body.product_sku, terms_in(body))
    return call.run(lambda tx: operations.define_model(tx, *asked), reply)


@asset_models.get(_ONE, permission=READ, returns=AssetModelOut)
def get_asset_model(call: Call[DeskTx], asset_model_id: UUID) -> Reply:
    """Get a model."""
    model = call.read(queries.get_model, asset_model_id)
    return Reply(model, version=model["version"])


@asset_models.patch(
    _ONE, permission=WRITE, body=AssetModelPatch, returns=AssetModelOut, problems=(404, 409)
)
def change_asset_model(call: Call[DeskTx], body: AssetModelPatch, asset_model_id: UUID) -> Response:
    """Have other terms for pieces to come; pieces that there are keep their warranty."""
    return call.run(
        lambda tx: operations.change_model(
            tx, asset_model_id, lambda terms: changed_by(body, terms)
        ),
        _shown,
    )


@asset_models.post(f"{_ONE}/archive", permission=WRITE, returns=AssetModelOut)
def archive_asset_model(call: Call[DeskTx], asset_model_id: UUID) -> Response:
    """Keep track of new pieces no more."""
    return call.run(lambda tx: operations.archive_model(tx, asset_model_id), _shown)


@asset_models.post(f"{_ONE}/restore", permission=WRITE, returns=AssetModelOut)
def restore_asset_model(call: Call[DeskTx], asset_model_id: UUID) -> Response:
    """Keep track of pieces again, those that were delivered meanwhile included."""
    return call.run(lambda tx: operations.restore_model(tx, asset_model_id), _shown)


def _shown(_tx: DeskTx, model: AssetModel) -> Reply:
    return Reply(shown(model), version=model.version)
