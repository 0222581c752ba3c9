"""Redemptions over REST: reserved, collected by a one-time code, fulfilled, called off, returned."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.domain import Conflict, NotFound
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.codes.guessing import WrongCodes
from loyalty.limits.domain import LIMIT_CODES
from loyalty.redemptions import operations, queries
from loyalty.redemptions.domain import Redemption
from loyalty.redemptions.models import (
    CancelIn,
    CollectIn,
    FulfilIn,
    RedemptionIn,
    RedemptionOut,
    RedemptionWithCodeOut,
    ReturnIn,
    shown,
    wish_in,
)
from loyalty.redemptions.operations import Reserved
from loyalty.transaction import LoyaltyTx

READ = "loyalty.redemptions.read"
WRITE = "loyalty.redemptions.write"
COLLECT = "loyalty.redemptions.collect"
FULFIL = "loyalty.redemptions.fulfil"
TAKE_BACK = "loyalty.redemptions.take_back"
_ONE = "/<uuid:redemption_id>"


def redemption_routes(wrong_codes: WrongCodes) -> Routes:
    """The routes of redemptions."""
    redemptions = Routes("/v1/loyalty/redemptions", tag="redemptions")
    _reservations(redemptions)
    _single(redemptions)
    _handing_over(redemptions, wrong_codes)
    _endings(redemptions)
    return redemptions


def _reservations(redemptions: Routes) -> None:
    @redemptions.get("", permission=READ, listing=queries.REDEMPTIONS, returns=RedemptionOut)
    def list_redemptions(call: Call[LoyaltyTx], listing: Listing) -> Reply:
        """List what members have, or had, for points; latest first unless asked otherwise."""
        return Reply(call.read(queries.list_redemptions, listing))

    @redemptions.post(
        "",
        permission=WRITE,
        body=RedemptionIn,
        returns=RedemptionWithCodeOut,
        status=201,
        problems=(404, 409),
    )
    def reserve_reward(call: Call[LoyaltyTx], body: RedemptionIn) -> Response:
        """Reserve a reward for a member: points and pieces are held; a coupon is issued at once.

        The code to collect it by is shown now, and never again.
        """
        wish = wish_in(body)

        def reply(_tx: LoyaltyTx, reserved: Reserved) -> Reply:
            redemption = reserved.redemption
            place = f"{redemptions.prefix}/{redemption.id}"
            answer = Reply.created(place, _with_code(reserved), redemption.version)
            answer.secrets = ("code",)
            return answer

        try:
            return call.run(lambda tx: operations.reserve_reward(tx, wish), reply)
        except Conflict as refused:
            if refused.code in LIMIT_CODES:
                call.operations.run(call.caller, operations.note_limits, wish)
            raise


def _single(redemptions: Routes) -> None:
    @redemptions.get(_ONE, permission=READ, returns=RedemptionOut)
    def get_redemption(call: Call[LoyaltyTx], redemption_id: UUID) -> Reply:
        """Get a redemption, without its code."""
        redemption = call.read(queries.get_redemption, redemption_id)
        return Reply(redemption, version=redemption["version"])

    @redemptions.post(
        f"{_ONE}/renew-code", permission=WRITE, returns=RedemptionWithCodeOut, problems=(409,)
    )
    def renew_collection_code(call: Call[LoyaltyTx], redemption_id: UUID) -> Response:
        """Get another code to collect a reward by, since the first was lost; that is void then."""

        def reply(_tx: LoyaltyTx, reserved: Reserved) -> Reply:
            version = reserved.redemption.version
            return Reply(_with_code(reserved), version=version, secrets=("code",))

        return call.run(lambda tx: operations.renew_code(tx, redemption_id), reply)


def _handing_over(redemptions: Routes, wrong_codes: WrongCodes) -> None:
    @redemptions.post(
        "/collect",
        permission=COLLECT,
        body=CollectIn,
        returns=RedemptionOut,
        problems=(404, 409, 429),
    )
    def collect_reward(call: Call[LoyaltyTx], body: CollectIn) -> Response:
        """Hand over what is reserved under a code, once: of two tills at once one wins."""
        wrong_codes.require_few(call.caller)
        try:
            return call.run(
                lambda tx: operations.collect_reward(tx, body.code, body.branch.strip()), _shown
            )
        except NotFound:
            wrong_codes.count(call.caller, "collection", 1)
            raise

    @redemptions.post(
        f"{_ONE}/fulfil",
        permission=FULFIL,
        body=FulfilIn,
        returns=RedemptionOut,
        problems=(409,),
    )
    def fulfil_redemption(call: Call[LoyaltyTx], body: FulfilIn, redemption_id: UUID) -> Response:
        """Note that a reward was shipped, or that staff rendered it."""
        return call.run(
            lambda tx: operations.fulfil_redemption(tx, redemption_id, body.reference), _shown
        )


def _endings(redemptions: Routes) -> None:
    @redemptions.post(
        f"{_ONE}/cancel",
        permission=WRITE,
        body=CancelIn,
        returns=RedemptionOut,
        problems=(409,),
    )
    def cancel_redemption(call: Call[LoyaltyTx], body: CancelIn, redemption_id: UUID) -> Response:
        """Call a reservation off: its points and pieces are free again."""
        return call.run(
            lambda tx: operations.cancel_redemption(tx, redemption_id, body.reason), _shown
        )

    @redemptions.post(
        f"{_ONE}/return",
        permission=TAKE_BACK,
        body=ReturnIn,
        returns=RedemptionOut,
        problems=(409,),
    )
    def return_reward(call: Call[LoyaltyTx], body: ReturnIn, redemption_id: UUID) -> Response:
        """Take a reward back: its points are given back, as far as its policy had it."""
        asked = (redemption_id, body.reason)
        return call.run(
            lambda tx: operations.return_reward(tx, *asked, restock=body.restock), _shown
        )


def _with_code(reserved: Reserved) -> dict[str, object]:
    return {**shown(reserved.redemption), "code": reserved.code}


def _shown(_tx: LoyaltyTx, redemption: Redemption) -> Reply:
    return Reply(shown(redemption), version=redemption.version)
