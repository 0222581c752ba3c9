"""Engagement over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.engagement import operations, queries
from loyalty.engagement.models import (
    EngagementSchemeIn,
    EngagementSchemeOut,
    EngagementScoreOut,
    ExplainedScoreOut,
    scheme_in,
    shown,
)
from loyalty.transaction import LoyaltyTx

READ_SCHEME = "loyalty.engagement_scheme.read"
WRITE_SCHEME = "loyalty.engagement_scheme.write"
READ = "loyalty.engagement_scores.read"

engagement_scheme = Routes("/v1/loyalty/engagement-scheme", tag="engagement")
engagement_scores = Routes("/v1/loyalty/engagement-scores", tag="engagement")


@engagement_scheme.get("", permission=READ_SCHEME, returns=EngagementSchemeOut)
def get_engagement_scheme(call: Call[LoyaltyTx]) -> Reply:
    """Get which acts count how much."""
    scheme = call.read(queries.get_scheme)
    return Reply(scheme, version=scheme["version"])


@engagement_scheme.put(
    "", permission=WRITE_SCHEME, body=EngagementSchemeIn, returns=EngagementSchemeOut
)
def change_engagement_scheme(call: Call[LoyaltyTx], body: EngagementSchemeIn) -> Response:
    """Say which acts count how much; all scores are counted anew in the background."""
    asked = scheme_in(body)
    return call.run(
        lambda tx: operations.change_scheme(tx, asked),
        lambda _tx, kept: Reply(shown(kept), version=kept.version),
        about=call.caller.tenant_id,
    )


@engagement_scores.get("", permission=READ, listing=queries.SCORES, returns=EngagementScoreOut)
def list_engagement_scores(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List how attached people are as of now, the most attached first unless asked otherwise."""
    return Reply(call.read(queries.list_scores, listing))


@engagement_scores.get("/<uuid:person_id>", permission=READ, returns=ExplainedScoreOut)
def get_engagement_score(call: Call[LoyaltyTx], person_id: UUID) -> Reply:
    """Get how attached a person is as of now, and which kinds of acts make it so."""
    return Reply(call.read(queries.get_score, person_id))
