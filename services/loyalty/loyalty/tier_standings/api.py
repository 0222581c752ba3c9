"""Standings over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.members.queries import member_ref
from loyalty.tier_standings import operations, queries
from loyalty.tier_standings.domain import TierStanding
from loyalty.tier_standings.models import GrantIn, MoveOut, StandingOut
from loyalty.tiers.queries import scheme_or_none
from loyalty.transaction import LoyaltyTx

READ = "loyalty.tier_standings.read"
GRANT = "loyalty.tier_standings.grant"

tier_standings = Routes("/v1/loyalty/members", tag="tiers")


@tier_standings.get("/<uuid:member_id>/tier", permission=READ, returns=StandingOut)
def get_member_tier(call: Call[LoyaltyTx], member_id: UUID) -> Reply:
    """Get in which tier a member is, what is missing to the next, and what it takes to keep it."""
    standing = call.read(queries.get_standing, member_id)
    return Reply(standing, version=standing["version"])


@tier_standings.get(
    "/<uuid:member_id>/tier/history", permission=READ, listing=queries.MOVES, returns=MoveOut
)
def list_member_tier_history(call: Call[LoyaltyTx], listing: Listing, member_id: UUID) -> Reply:
    """List the steps of a member between tiers, each with what it came of."""
    return Reply(call.read(queries.list_moves, listing, member_id))


@tier_standings.put(
    "/<uuid:member_id>/tier/grant",
    permission=GRANT,
    body=GrantIn,
    returns=StandingOut,
    problems=(409,),
    conditional=True,
)
def grant_member_tier(call: Call[LoyaltyTx], body: GrantIn, member_id: UUID) -> Response:
    """Give a member a tier until a time, whatever it has of what counts."""
    return call.run(
        lambda tx: operations.grant_tier(tx, member_id, body.tier, body.until, body.reason), _shown
    )


@tier_standings.delete(
    "/<uuid:member_id>/tier/grant",
    permission=GRANT,
    returns=StandingOut,
    status=200,
    problems=(409,),
)
def take_member_tier_back(call: Call[LoyaltyTx], member_id: UUID) -> Response:
    """Take back what was given to a member; what was earned stays."""
    return call.run(lambda tx: operations.take_tier_back(tx, member_id), _shown)


def _shown(tx: LoyaltyTx, standing: TierStanding) -> Reply:
    member = member_ref(tx, standing.id)
    scheme = scheme_or_none(tx, member.program_id)
    if scheme is None:
        raise RuntimeError("a standing needs tiers")
    return Reply(queries.standing_out(tx, member, scheme), version=standing.version)
