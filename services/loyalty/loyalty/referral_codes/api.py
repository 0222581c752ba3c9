"""The codes that members hand on, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.referral_codes import operations, queries
from loyalty.referral_codes.domain import ReferralCode
from loyalty.referral_codes.models import (
    ReferralCodeIn,
    ReferralCodeOut,
    ReferralCodePatch,
    shown,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.referral_codes.read"
WRITE = "loyalty.referral_codes.write"
_PATH = "/v1/loyalty/referral-codes"
_ONE = "/<uuid:referral_code_id>"


def referral_code_routes(public_url: str) -> Routes:
    """The routes, with links below the platform's public address."""
    routes = Routes(_PATH, tag="referral codes")
    _reading(routes, public_url)
    _changing(routes, public_url)
    return routes


def _reading(routes: Routes, public_url: str) -> None:
    @routes.get("", permission=READ, listing=queries.REFERRAL_CODES, returns=ReferralCodeOut)
    def list_referral_codes(call: Call[LoyaltyTx], listing: Listing) -> Reply:
        """List members' codes, newest first unless asked otherwise."""
        return Reply(call.read(queries.list_codes, listing, public_url))

    @routes.get(_ONE, permission=READ, returns=ReferralCodeOut)
    def get_referral_code(call: Call[LoyaltyTx], referral_code_id: UUID) -> Reply:
        """Get a member's code."""
        code = call.read(queries.get_code, referral_code_id, public_url)
        return Reply(code, version=code["version"])


def _changing(routes: Routes, public_url: str) -> None:
    @routes.post(
        "",
        permission=WRITE,
        body=ReferralCodeIn,
        returns=ReferralCodeOut,
        status=201,
        otherwise=200,
        problems=(404, 409),
    )
    def issue_referral_code(call: Call[LoyaltyTx], body: ReferralCodeIn) -> Response:
        """Give a member a code to hand on; whoever has one keeps it (200)."""

        def reply(_tx: LoyaltyTx, issued: tuple[ReferralCode, bool]) -> Reply:
            code, is_new = issued
            if not is_new:
                return Reply(shown(code, public_url), version=code.version)
            return Reply.created(f"{_PATH}/{code.id}", shown(code, public_url), code.version)

        asked = (body.member_id, body.shown_name)
        return call.run(lambda tx: operations.issue_code(tx, *asked), reply)

    @routes.patch(_ONE, permission=WRITE, body=ReferralCodePatch, returns=ReferralCodeOut)
    def change_referral_code(
        call: Call[LoyaltyTx], body: ReferralCodePatch, referral_code_id: UUID
    ) -> Response:
        """Change the name that a code shows, or switch it off or on."""
        return call.run(
            lambda tx: operations.change_code(
                tx, referral_code_id, shown_name=body.shown_name, enabled=body.enabled
            ),
            lambda _tx, code: Reply(shown(code, public_url), version=code.version),
        )

    @routes.post(f"{_ONE}/replace", permission=WRITE, returns=ReferralCodeOut)
    def replace_referral_code(call: Call[LoyaltyTx], referral_code_id: UUID) -> Response:
        """Have a member hand on another code; the one before leads nowhere any more."""
        return call.run(
            lambda tx: operations.replace_code(tx, referral_code_id),
            lambda _tx, code: Reply(shown(code, public_url), version=code.version),
        )
