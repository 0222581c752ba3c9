"""Batches of codes over REST: ordered, watched, fetched as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.sealing import Sealer
from chassis.storage.listing import Listing
from loyalty.coupon_batches import operations, queries
from loyalty.coupon_batches.domain import MOST_CODES, CouponBatch
from loyalty.coupons.domain import Coupon
from loyalty.transaction import LoyaltyTx

READ = "loyalty.coupon_pools.read"
WRITE = "loyalty.coupon_pools.write"
EXPORT = "loyalty.coupon_codes.export"


class CouponBatchIn(Body):
    """How many codes are to be made, of which pool."""

    coupon_pool_id: UUID
    count: Annotated[int, Field(ge=1, le=MOST_CODES)]


class CouponBatchOut(BaseModel):
    """Codes that are made together. `job_id` is the job that makes them; `made_at` is when it was done."""

    id: UUID
    version: int
    coupon_pool_id: UUID
    count: int
    job_id: UUID | None
    created_by: str
    created_at: datetime
    made_at: datetime | None


def coupon_batch_routes(sealer: Sealer) -> Routes:
    """The routes of batches."""
    batches = Routes("/v1/loyalty/coupon-batches", tag="coupon pools")

    @batches.get("", permission=READ, listing=queries.COUPON_BATCHES, returns=CouponBatchOut)
    def list_coupon_batches(call: Call[LoyaltyTx], listing: Listing) -> Reply:
        """List batches of codes, newest first unless asked otherwise."""
        return Reply(call.read(queries.list_batches, listing))

    @batches.post(
        "",
        permission=WRITE,
        body=CouponBatchIn,
        returns=CouponBatchOut,
        status=201,
        problems=(404, 409),
    )
    def order_coupon_batch(call: Call[LoyaltyTx], body: CouponBatchIn) -> Response:
        """Have codes made, up to 100,000: a job does it, which can be watched and cancelled."""

        def reply(tx: LoyaltyTx, batch: CouponBatch) -> Reply:
            shown = queries.get_batch(tx, batch.id)
            return Reply.created(f"{batches.prefix}/{batch.id}", shown, batch.version)

        return call.run(
            lambda tx: operations.order_batch(tx, body.coupon_pool_id, body.count), reply
        )

    @batches.get("/<uuid:coupon_batch_id>", permission=READ, returns=CouponBatchOut)
    def get_coupon_batch(call: Call[LoyaltyTx], coupon_batch_id: UUID) -> Reply:
        """Get a batch of codes, without the codes."""
        batch = call.read(queries.get_batch, coupon_batch_id)
        return Reply(batch, version=batch["version"])

    @batches.get(
        "/<uuid:coupon_batch_id>/codes",
        permission=EXPORT,
        media_type="text/csv",
        problems=(409,),
    )
    def export_coupon_codes(call: Call[LoyaltyTx], coupon_batch_id: UUID) -> Stream:
        """Get the codes of a batch as a CSV file; that they were fetched is told of."""
        call.operations.run(call.caller, operations.note_export, coupon_batch_id)
        chunks = queries.file_of(_pages(call, coupon_batch_id), sealer)
        name = f'attachment; filename="{coupon_batch_id}.csv"'
        return Stream(chunks, "text/csv; charset=utf-8", {"Content-Disposition": name})

    return batches


def _pages(call: Call[LoyaltyTx], batch_id: UUID) -> Iterator[Sequence[Coupon]]:
    """Each page in a short transaction of its own: who reads slowly holds up nobody."""
    after = UUID(int=0)
    while page := call.read(queries.coupons_of_batch, batch_id, after):
        yield page
        after = page[-1].id
