"""Pools of coupons over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.coupon_pools import operations, queries
from loyalty.coupon_pools.domain import CouponPool
from loyalty.coupon_pools.models import (
    CouponPoolIn,
    CouponPoolOut,
    CouponPoolPatch,
    benefit_in,
    changed,
    public_code_in,
    shown,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.coupon_pools.read"
WRITE = "loyalty.coupon_pools.write"

coupon_pools = Routes("/v1/loyalty/coupon-pools", tag="coupon pools")


@coupon_pools.get("", permission=READ, listing=queries.COUPON_POOLS, returns=CouponPoolOut)
def list_coupon_pools(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List pools of coupons, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_pools, listing))


@coupon_pools.post(
    "",
    permission=WRITE,
    body=CouponPoolIn,
    returns=CouponPoolOut,
    status=201,
    problems=(404, 409),
)
def draft_coupon_pool(call: Call[LoyaltyTx], body: CouponPoolIn) -> Response:
    """Draft a pool of coupons; nothing of it can be used before it is activated."""
    code, benefit, terms = (
        public_code_in(body.public_code),
        benefit_in(body.benefit),
        terms_in(body),
    )

    def reply(_tx: LoyaltyTx, pool: CouponPool) -> Reply:
        return Reply.created(f"{coupon_pools.prefix}/{pool.id}", shown(pool), pool.version)

    return call.run(
        lambda tx: operations.draft_pool(tx, body.program_id, body.kind, code, benefit, terms),
        reply,
    )


@coupon_pools.get("/<uuid:coupon_pool_id>", permission=READ, returns=CouponPoolOut)
def get_coupon_pool(call: Call[LoyaltyTx], coupon_pool_id: UUID) -> Reply:
    """Get a pool of coupons."""
    pool = call.read(queries.get_pool, coupon_pool_id)
    return Reply(pool, version=pool["version"])


@coupon_pools.patch(
    "/<uuid:coupon_pool_id>",
    permission=WRITE,
    body=CouponPoolPatch,
    returns=CouponPoolOut,
    problems=(409,),
)
def change_coupon_pool(
    call: Call[LoyaltyTx], body: CouponPoolPatch, coupon_pool_id: UUID
) -> Response:
    """Change a pool; its coupons go by what it says when they are used."""
    return call.run(
        lambda tx: operations.change_pool(
            tx, coupon_pool_id, lambda benefit, terms: changed(benefit, terms, body)
        ),
        _shown,
    )


@coupon_pools.post(
    "/<uuid:coupon_pool_id>/activate", permission=WRITE, returns=CouponPoolOut, problems=(409,)
)
def activate_coupon_pool(call: Call[LoyaltyTx], coupon_pool_id: UUID) -> Response:
    """Let the coupons of a pool be used, within its validity."""
    return call.run(lambda tx: operations.activate_pool(tx, coupon_pool_id), _shown)


@coupon_pools.post(
    "/<uuid:coupon_pool_id>/pause", permission=WRITE, returns=CouponPoolOut, problems=(409,)
)
def pause_coupon_pool(call: Call[LoyaltyTx], coupon_pool_id: UUID) -> Response:
    """Let no coupon of a pool be used until it is activated again."""
    return call.run(lambda tx: operations.pause_pool(tx, coupon_pool_id), _shown)


@coupon_pools.post("/<uuid:coupon_pool_id>/end", permission=WRITE, returns=CouponPoolOut)
def end_coupon_pool(call: Call[LoyaltyTx], coupon_pool_id: UUID) -> Response:
    """Let no coupon of a pool be used ever again; what was used stays counted."""
    return call.run(lambda tx: operations.end_pool(tx, coupon_pool_id), _shown)


def _shown(_tx: LoyaltyTx, pool: CouponPool) -> Reply:
    return Reply(shown(pool), version=pool.version)
