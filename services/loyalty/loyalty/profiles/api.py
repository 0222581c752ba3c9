"""Profiles over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from loyalty.profiles import operations, queries
from loyalty.profiles.models import ProfileOut
from loyalty.transaction import LoyaltyTx

READ = "loyalty.profiles.read"
REFRESH = "loyalty.profiles.refresh"

profiles = Routes("/v1/loyalty/members", tag="members")


@profiles.get("/<uuid:member_id>/profile", permission=READ, returns=ProfileOut)
def get_member_profile(call: Call[LoyaltyTx], member_id: UUID) -> Reply:
    """Get by which clock and days a member is served; contacts knows them."""
    return Reply(call.read(queries.get_profile, member_id))


@profiles.post("/<uuid:member_id>/profile/refresh", permission=REFRESH, status=204, problems=(409,))
def refresh_member_profile(call: Call[LoyaltyTx], member_id: UUID) -> Response:
    """Have contacts asked anew about a member's person; what it answers is seen soon after."""
    return call.run(
        lambda tx: operations.refresh_profile(tx, member_id), lambda _tx, _person: Reply.nothing()
    )
