"""Limits and reviews over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.limits import operations, queries, reviewing
from loyalty.limits.domain import VelocityReview, VelocityRule
from loyalty.limits.models import (
    DecisionIn,
    VelocityReviewOut,
    VelocityRuleIn,
    VelocityRuleOut,
    VelocityRulePatch,
    changed_by,
    review_shown,
    rule_shown,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.velocity_rules.read"
WRITE = "loyalty.velocity_rules.write"
READ_REVIEWS = "loyalty.velocity_reviews.read"
DECIDE = "loyalty.velocity_reviews.decide"

velocity_rules = Routes("/v1/loyalty/velocity-rules", tag="limits")
velocity_reviews = Routes("/v1/loyalty/velocity-reviews", tag="limits")


@velocity_rules.get("", permission=READ, listing=queries.VELOCITY_RULES, returns=VelocityRuleOut)
def list_velocity_rules(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List limits on how much may be done within how long, newest first."""
    return Reply(call.read(queries.list_rules, listing))


@velocity_rules.post(
    "",
    permission=WRITE,
    body=VelocityRuleIn,
    returns=VelocityRuleOut,
    status=201,
    problems=(404,),
)
def create_velocity_rule(call: Call[LoyaltyTx], body: VelocityRuleIn) -> Response:
    """Set a limit. What goes beyond it is flagged, waits for a review, or is refused."""
    terms = terms_in(body)

    def reply(_tx: LoyaltyTx, rule: VelocityRule) -> Reply:
        place = f"{velocity_rules.prefix}/{rule.id}"
        return Reply.created(place, rule_shown(rule), rule.version)

    return call.run(lambda tx: operations.create_rule(tx, body.program_id, terms), reply)


@velocity_rules.get("/<uuid:velocity_rule_id>", permission=READ, returns=VelocityRuleOut)
def get_velocity_rule(call: Call[LoyaltyTx], velocity_rule_id: UUID) -> Reply:
    """Get a limit."""
    rule = call.read(queries.get_rule, velocity_rule_id)
    return Reply(rule, version=rule["version"])


@velocity_rules.patch(
    "/<uuid:velocity_rule_id>",
    permission=WRITE,
    body=VelocityRulePatch,
    returns=VelocityRuleOut,
)
def change_velocity_rule(
    call: Call[LoyaltyTx], body: VelocityRulePatch, velocity_rule_id: UUID
) -> Response:
    """Change a limit, for what is done from now on."""
    return call.run(
        lambda tx: operations.change_rule(
            tx, velocity_rule_id, lambda terms: changed_by(body, terms)
        ),
        lambda _tx, rule: Reply(rule_shown(rule), version=rule.version),
    )


@velocity_rules.delete("/<uuid:velocity_rule_id>", permission=WRITE)
def remove_velocity_rule(call: Call[LoyaltyTx], velocity_rule_id: UUID) -> Response:
    """Take a limit away. What went beyond it can still be decided about."""
    return call.run(
        lambda tx: operations.remove_rule(tx, velocity_rule_id), lambda _tx, _rule: Reply.nothing()
    )


@velocity_reviews.get(
    "", permission=READ_REVIEWS, listing=queries.VELOCITY_REVIEWS, returns=VelocityReviewOut
)
def list_velocity_reviews(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List what went beyond limits, the latest first."""
    return Reply(call.read(queries.list_reviews, listing))


@velocity_reviews.get(
    "/<uuid:velocity_review_id>", permission=READ_REVIEWS, returns=VelocityReviewOut
)
def get_velocity_review(call: Call[LoyaltyTx], velocity_review_id: UUID) -> Reply:
    """Get what went beyond a limit, and what was decided about it."""
    review = call.read(queries.get_review, velocity_review_id)
    return Reply(review, version=review["version"])


@velocity_reviews.post(
    "/<uuid:velocity_review_id>/clear",
    permission=DECIDE,
    body=DecisionIn,
    returns=VelocityReviewOut,
    problems=(409,),
)
def clear_velocity_review(
    call: Call[LoyaltyTx], body: DecisionIn, velocity_review_id: UUID
) -> Response:
    """Find it in order: points that were held are given."""
    return call.run(
        lambda tx: reviewing.clear_review(tx, velocity_review_id, body.reason), _decided
    )


@velocity_reviews.post(
    "/<uuid:velocity_review_id>/confirm",
    permission=DECIDE,
    body=DecisionIn,
    returns=VelocityReviewOut,
    problems=(409,),
)
def confirm_velocity_review(
    call: Call[LoyaltyTx], body: DecisionIn, velocity_review_id: UUID
) -> Response:
    """Find it to be abuse: points that were held are never given."""
    return call.run(
        lambda tx: reviewing.confirm_review(tx, velocity_review_id, body.reason), _decided
    )


def _decided(_tx: LoyaltyTx, review: VelocityReview) -> Reply:
    return Reply(review_shown(review), version=review.version)
