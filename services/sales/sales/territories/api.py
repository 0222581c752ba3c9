"""Territories over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.territories import operations, queries
from sales.territories.domain import Territory
from sales.territories.models import (
    TerritoryIn,
    TerritoryOut,
    TerritoryPatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.territories.read"
WRITE = "sales.territories.write"

territories = Routes("/v1/sales/territories", tag="assignment")


@territories.get("", permission=READ, listing=queries.TERRITORIES, returns=TerritoryOut)
def list_territories(call: Call[SalesTx], listing: Listing) -> Reply:
    """List territories, the oldest first."""
    return Reply(call.read(queries.list_territories, listing))


@territories.post(
    "", permission=WRITE, body=TerritoryIn, returns=TerritoryOut, status=201, problems=(409,)
)
def define_territory(call: Call[SalesTx], body: TerritoryIn) -> Response:
    """Define a territory: by country, postal code, industry and company size; and its people."""
    definition = definition_in(body)

    def reply(_tx: SalesTx, territory: Territory) -> Reply:
        location = f"{territories.prefix}/{territory.id}"
        return Reply.created(location, shown(territory), territory.version)

    return call.run(lambda tx: operations.define_territory(tx, definition), reply)


@territories.get("/<uuid:territory_id>", permission=READ, returns=TerritoryOut)
def get_territory(call: Call[SalesTx], territory_id: UUID) -> Reply:
    """Get a territory."""
    territory = call.read(queries.get_territory, territory_id)
    return Reply(territory, version=territory["version"])


@territories.patch(
    "/<uuid:territory_id>", permission=WRITE, body=TerritoryPatch, returns=TerritoryOut
)
def redefine_territory(call: Call[SalesTx], body: TerritoryPatch, territory_id: UUID) -> Response:
    """Change a territory; leads that somebody has by it stay theirs."""
    return call.run(
        lambda tx: operations.redefine_territory(tx, territory_id, lambda old: changed(old, body)),
        _shown,
    )


@territories.delete("/<uuid:territory_id>", permission=WRITE)
def archive_territory(call: Call[SalesTx], territory_id: UUID) -> Response:
    """Archive a territory: it counts no more."""
    return call.run(
        lambda tx: operations.archive_territory(tx, territory_id),
        lambda _tx, _territory: Reply.nothing(),
    )


@territories.post("/<uuid:territory_id>/restore", permission=WRITE, returns=TerritoryOut)
def restore_territory(call: Call[SalesTx], territory_id: UUID) -> Response:
    """Have an archived territory count again."""
    return call.run(lambda tx: operations.restore_territory(tx, territory_id), _shown)


def _shown(_tx: SalesTx, territory: Territory) -> Reply:
    return Reply(shown(territory), version=territory.version)
