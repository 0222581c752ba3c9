"""Coupons over REST: issued, listed, revoked, and their codes for those who may see them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from flask import Response

from chassis.http.batch import (
    BATCH_BODY,
    BatchIn,
    BatchOut,
    Done,
    answer_batch,
    each_apart,
    items_of,
)
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.sealing import Sealer
from chassis.storage.listing import Listing
from loyalty.coupons import operations, queries
from loyalty.coupons.domain import Coupon
from loyalty.coupons.models import CouponCodeOut, CouponIn, CouponOut, RevokeIn
from loyalty.transaction import LoyaltyTx

READ = "loyalty.coupons.read"
ISSUE = "loyalty.coupons.issue"
REVOKE = "loyalty.coupons.revoke"
READ_CODES = "loyalty.coupon_codes.read"

coupons = Routes("/v1/loyalty/coupons", tag="coupons")


class CouponsIn(BatchIn):
    """Coupons for many people."""

    items: Annotated[tuple[Any, ...], items_of(CouponIn)]


@coupons.get("", permission=READ, listing=queries.COUPONS, returns=CouponOut)
def list_coupons(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List coupons, newest first unless asked otherwise; without their codes."""
    return Reply(call.read(queries.list_coupons, listing))


@coupons.post(
    "", permission=ISSUE, body=CouponIn, returns=CouponOut, status=201, problems=(404, 409)
)
def issue_coupon(call: Call[LoyaltyTx], body: CouponIn) -> Response:
    """Give a person a coupon, and have them told of it where the pool says how."""

    def reply(tx: LoyaltyTx, coupon: Coupon) -> Reply:
        shown = queries.get_coupon(tx, coupon.id)
        return Reply.created(f"{coupons.prefix}/{coupon.id}", shown, coupon.version)

    return call.run(
        lambda tx: operations.issue_coupon(tx, body.coupon_pool_id, body.person_id), reply
    )


@coupons.post("/batch", permission=ISSUE, body=CouponsIn, returns=BatchOut, body_limit=BATCH_BODY)
def issue_coupons(call: Call[LoyaltyTx], body: CouponsIn) -> Response:
    """Give many people a coupon each, up to 1,000."""

    def issued(tx: LoyaltyTx, item: CouponIn) -> Done:
        coupon = operations.issue_coupon(tx, item.coupon_pool_id, item.person_id)
        return Done(201, {"id": coupon.id, "version": coupon.version})

    return answer_batch(
        call, body, CouponIn, lambda tx, items: each_apart(tx, items, lambda one: issued(tx, one))
    )


@coupons.get("/<uuid:coupon_id>", permission=READ, returns=CouponOut)
def get_coupon(call: Call[LoyaltyTx], coupon_id: UUID) -> Reply:
    """Get a coupon, without its code."""
    coupon = call.read(queries.get_coupon, coupon_id)
    return Reply(coupon, version=coupon["version"])


@coupons.post(
    "/<uuid:coupon_id>/revoke",
    permission=REVOKE,
    body=RevokeIn,
    returns=CouponOut,
    problems=(409,),
)
def revoke_coupon(call: Call[LoyaltyTx], body: RevokeIn, coupon_id: UUID) -> Response:
    """Have a coupon good for nothing any more: it was lost, or issued by mistake."""
    return call.run(
        lambda tx: operations.revoke_coupon(tx, coupon_id, body.reason),
        lambda tx, coupon: Reply(queries.get_coupon(tx, coupon_id), version=coupon.version),
    )


def coupon_code_routes(sealer: Sealer) -> Routes:
    """The routes that show codes, which are as good as money: a permission of their own."""
    codes = Routes("/v1/loyalty/coupon-codes", tag="coupons")

    @codes.get("", permission=READ_CODES, listing=queries.COUPONS, returns=CouponCodeOut)
    def list_coupon_codes(call: Call[LoyaltyTx], listing: Listing) -> Reply:
        """List coupons with their codes: those of a person, for an app that shows them, say."""
        return Reply(call.read(queries.list_codes, listing, sealer))

    @codes.get("/<uuid:coupon_id>", permission=READ_CODES, returns=CouponCodeOut)
    def get_coupon_code(call: Call[LoyaltyTx], coupon_id: UUID) -> Reply:
        """Get a coupon with its code."""
        coupon = call.read(queries.get_code, coupon_id, sealer)
        return Reply(coupon, version=coupon["version"])

    return codes
