"""Win-backs over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.transaction import LoyaltyTx
from loyalty.win_backs import operations, queries
from loyalty.win_backs.domain import WinBack
from loyalty.win_backs.models import (
    MadeOfferOut,
    ResultOut,
    WinBackIn,
    WinBackOut,
    WinBackPatch,
    changed,
    plan_in,
    shown,
)

READ = "loyalty.win_backs.read"
WRITE = "loyalty.win_backs.write"
RUN = "loyalty.win_backs.run"

win_backs = Routes("/v1/loyalty/win-backs", tag="win-backs")


@win_backs.get("", permission=READ, listing=queries.WIN_BACKS, returns=WinBackOut)
def list_win_backs(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List win-backs, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_win_backs, listing))


@win_backs.post(
    "", permission=WRITE, body=WinBackIn, returns=WinBackOut, status=201, problems=(404,)
)
def define_win_back(call: Call[LoyaltyTx], body: WinBackIn) -> Response:
    """Define a win-back; it makes no offer until it is begun."""
    plan = plan_in(body)

    def reply(_tx: LoyaltyTx, win_back: WinBack) -> Reply:
        location = f"{win_backs.prefix}/{win_back.id}"
        return Reply.created(location, shown(win_back), win_back.version)

    return call.run(lambda tx: operations.define_win_back(tx, body.program_id, plan), reply)


@win_backs.get("/<uuid:win_back_id>", permission=READ, returns=WinBackOut)
def get_win_back(call: Call[LoyaltyTx], win_back_id: UUID) -> Reply:
    """Get a win-back."""
    win_back = call.read(queries.get_win_back, win_back_id)
    return Reply(win_back, version=win_back["version"])


@win_backs.patch(
    "/<uuid:win_back_id>", permission=WRITE, body=WinBackPatch, returns=WinBackOut, problems=(409,)
)
def change_win_back(call: Call[LoyaltyTx], body: WinBackPatch, win_back_id: UUID) -> Response:
    """Say otherwise what is offered to whom, before it has begun."""

    def change(tx: LoyaltyTx) -> WinBack:
        plan = changed(tx.win_backs.get(win_back_id).plan, body)
        return operations.change_win_back(tx, win_back_id, plan)

    return call.run(change, _changed)


@win_backs.post("/<uuid:win_back_id>/begin", permission=RUN, returns=WinBackOut, problems=(409,))
def begin_win_back(call: Call[LoyaltyTx], win_back_id: UUID) -> Response:
    """Have it make its offers from now on."""
    return call.run(lambda tx: operations.begin_win_back(tx, win_back_id), _changed)


@win_backs.post("/<uuid:win_back_id>/end", permission=RUN, returns=WinBackOut)
def end_win_back(call: Call[LoyaltyTx], win_back_id: UUID) -> Response:
    """Have it make no further offers; results are counted on."""
    return call.run(lambda tx: operations.end_win_back(tx, win_back_id), _changed)


@win_backs.get(
    "/<uuid:win_back_id>/offers", permission=READ, listing=queries.OFFERS, returns=MadeOfferOut
)
def list_win_back_offers(call: Call[LoyaltyTx], listing: Listing, win_back_id: UUID) -> Reply:
    """List the offers that were made or held out, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_offers, win_back_id, listing))


@win_backs.get("/<uuid:win_back_id>/result", permission=READ, returns=ResultOut)
def get_win_back_result(call: Call[LoyaltyTx], win_back_id: UUID) -> Reply:
    """Get who came back, against those who were held out, and what it brought."""
    return Reply(call.read(queries.get_result, win_back_id))


def _changed(_tx: LoyaltyTx, win_back: WinBack) -> Reply:
    return Reply(shown(win_back), version=win_back.version)
