"""Adjustments over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.adjustments import operations, queries
from loyalty.adjustments.domain import Adjustment
from loyalty.adjustments.models import AdjustmentIn, AdjustmentOut, RejectionIn, shown
from loyalty.transaction import LoyaltyTx

READ = "loyalty.adjustments.read"
WRITE = "loyalty.adjustments.write"
APPROVE = "loyalty.adjustments.approve"

adjustments = Routes("/v1/loyalty/adjustments", tag="points")


@adjustments.get("", permission=READ, listing=queries.ADJUSTMENTS, returns=AdjustmentOut)
def list_adjustments(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List points that were given or taken by hand, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_adjustments, listing))


@adjustments.post(
    "",
    permission=WRITE,
    body=AdjustmentIn,
    returns=AdjustmentOut,
    status=201,
    problems=(404, 409),
)
def ask_for_adjustment(call: Call[LoyaltyTx], body: AdjustmentIn) -> Response:
    """Give or take points; made at once within what one may do alone, else it waits for a second person."""

    def reply(_tx: LoyaltyTx, made: Adjustment) -> Reply:
        return Reply.created(f"{adjustments.prefix}/{made.id}", shown(made), made.version)

    asked = (body.member_id, body.points, body.reason, body.expires_at)
    return call.run(lambda tx: operations.ask_for_adjustment(tx, *asked), reply)


@adjustments.get("/<uuid:points_adjustment_id>", permission=READ, returns=AdjustmentOut)
def get_adjustment(call: Call[LoyaltyTx], points_adjustment_id: UUID) -> Reply:
    """Get an adjustment."""
    found = call.read(queries.get_adjustment, points_adjustment_id)
    return Reply(found, version=found["version"])


@adjustments.post(
    "/<uuid:points_adjustment_id>/approve",
    permission=APPROVE,
    returns=AdjustmentOut,
    problems=(403, 409),
)
def approve_adjustment(call: Call[LoyaltyTx], points_adjustment_id: UUID) -> Response:
    """Agree to an adjustment that somebody else asked for; its points move."""
    return call.run(lambda tx: operations.approve_adjustment(tx, points_adjustment_id), _shown)


@adjustments.post(
    "/<uuid:points_adjustment_id>/reject",
    permission=APPROVE,
    body=RejectionIn,
    returns=AdjustmentOut,
    problems=(403, 409),
)
def reject_adjustment(
    call: Call[LoyaltyTx], body: RejectionIn, points_adjustment_id: UUID
) -> Response:
    """Refuse an adjustment that somebody else asked for."""
    return call.run(
        lambda tx: operations.reject_adjustment(tx, points_adjustment_id, body.reason), _shown
    )


@adjustments.post(
    "/<uuid:points_adjustment_id>/withdraw",
    permission=WRITE,
    returns=AdjustmentOut,
    problems=(403, 409),
)
def withdraw_adjustment(call: Call[LoyaltyTx], points_adjustment_id: UUID) -> Response:
    """Take back what one has asked for oneself, as long as nobody has decided."""
    return call.run(lambda tx: operations.withdraw_adjustment(tx, points_adjustment_id), _shown)


def _shown(_tx: LoyaltyTx, adjustment: Adjustment) -> Reply:
    return Reply(shown(adjustment), version=adjustment.version)
