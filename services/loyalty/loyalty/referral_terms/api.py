"""What a program gives for recommendations, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from loyalty.programs.queries import program
from loyalty.referral_terms import operations, queries
from loyalty.referral_terms.models import ReferralTermsIn, ReferralTermsOut, policy_in, shown
from loyalty.transaction import LoyaltyTx

READ = "loyalty.referral_terms.read"
WRITE = "loyalty.referral_terms.write"

referral_terms = Routes(
    "/v1/loyalty/programs/<uuid:program_id>/referral-terms", tag="referral terms"
)


@referral_terms.get("", permission=READ, returns=ReferralTermsOut)
def get_referral_terms(call: Call[LoyaltyTx], program_id: UUID) -> Reply:
    """Get what a program gives for recommendations."""
    terms = call.read(queries.get_terms, program_id)
    return Reply(terms, version=terms["version"])


@referral_terms.put(
    "",
    permission=WRITE,
    body=ReferralTermsIn,
    returns=ReferralTermsOut,
    conditional=True,
    problems=(404,),
)
def set_referral_terms(call: Call[LoyaltyTx], body: ReferralTermsIn, program_id: UUID) -> Response:
    """Set what a program gives for recommendations of friends who come from now on."""
    return call.run(
        lambda tx: operations.set_terms(
            tx, program_id, lambda of: policy_in(body, of.terms.currency)
        ),
        lambda tx, terms: Reply(
            shown(terms, program(tx, program_id).terms.currency), version=terms.version
        ),
        about=program_id,
    )
