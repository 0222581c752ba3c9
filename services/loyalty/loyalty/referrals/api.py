"""Referrals over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.referrals import operations, queries
from loyalty.referrals.domain import Referral
from loyalty.referrals.models import ReferralIn, ReferralOut, ReferralReportOut, ReportQuery, shown
from loyalty.transaction import LoyaltyTx

READ = "loyalty.referrals.read"
WRITE = "loyalty.referrals.write"
REVIEW = "loyalty.referrals.review"

referrals = Routes("/v1/loyalty/referrals", tag="referrals")
program_referrals = Routes(
    "/v1/loyalty/programs/<uuid:program_id>/referral-report", tag="referrals"
)
member_referrals = Routes("/v1/loyalty/members/<uuid:member_id>/referral-report", tag="referrals")


@referrals.get("", permission=READ, listing=queries.REFERRALS, returns=ReferralOut)
def list_referrals(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List who came by whose code, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_referrals, listing))


@referrals.post(
    "", permission=WRITE, body=ReferralIn, returns=ReferralOut, status=201, problems=(409,)
)
def claim_referral(call: Call[LoyaltyTx], body: ReferralIn) -> Response:
    """Note that somebody came by a member's code: once, and before their first order."""

    def reply(_tx: LoyaltyTx, referral: Referral) -> Reply:
        location = f"{referrals.prefix}/{referral.id}"
        return Reply.created(location, shown(referral), referral.version)

    asked = (body.code, body.friend_person_id)
    return call.run(lambda tx: operations.claim_referral(tx, *asked), reply)


@referrals.get("/<uuid:referral_id>", permission=READ, returns=ReferralOut)
def get_referral(call: Call[LoyaltyTx], referral_id: UUID) -> Reply:
    """Get a referral."""
    referral = call.read(queries.get_referral, referral_id)
    return Reply(referral, version=referral["version"])


@referrals.post(
    "/<uuid:referral_id>/approve", permission=REVIEW, returns=ReferralOut, problems=(409,)
)
def approve_referral(call: Call[LoyaltyTx], referral_id: UUID) -> Response:
    """Let a referral count that was held, and reward both sides."""
    return call.run(lambda tx: operations.approve_referral(tx, referral_id), _shown)


@referrals.post(
    "/<uuid:referral_id>/refuse", permission=REVIEW, returns=ReferralOut, problems=(409,)
)
def refuse_referral(call: Call[LoyaltyTx], referral_id: UUID) -> Response:
    """Have a referral not count that was held."""
    return call.run(lambda tx: operations.refuse_referral(tx, referral_id), _shown)


@program_referrals.get("", permission=READ, query=ReportQuery, returns=ReferralReportOut)
def get_program_referral_report(
    call: Call[LoyaltyTx], query: ReportQuery, program_id: UUID
) -> Reply:
    """Get what the recommendations of a program have brought."""
    return Reply(call.read(queries.report_of_program, program_id, query))


@member_referrals.get("", permission=READ, query=ReportQuery, returns=ReferralReportOut)
def get_member_referral_report(call: Call[LoyaltyTx], query: ReportQuery, member_id: UUID) -> Reply:
    """Get what a member's recommendations have brought."""
    return Reply(call.read(queries.report_of_member, member_id, query))


def _shown(_tx: LoyaltyTx, referral: Referral) -> Reply:
    return Reply(shown(referral), version=referral.version)
