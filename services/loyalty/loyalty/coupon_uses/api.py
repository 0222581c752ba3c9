"""Coupons at purchases over REST: looked at, used, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from chassis.domain import Clock, Conflict
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.storage.unit_of_work import Reading
from loyalty.codes.guessing import WrongCodes
from loyalty.coupon_uses import operations, queries
from loyalty.coupon_uses.domain import CouponUse, Purchase, Verdict
from loyalty.coupon_uses.judging import look_ahead
from loyalty.coupon_uses.models import (
    CouponUseOut,
    RedeemIn,
    ResultsOut,
    ResultsQuery,
    RollBackIn,
    UsesOut,
    ValidateIn,
    ValidationOut,
    purchase_in,
    shown,
    uses_out,
    validation_out,
)
from loyalty.coupon_uses.results import Asked, results
from loyalty.discounts.domain import Refusal
from loyalty.limits.domain import LIMIT_CODES
from loyalty.people.named import known_as
from loyalty.transaction import LoyaltyTx

VALIDATE = "loyalty.coupons.validate"
REDEEM = "loyalty.coupons.redeem"
ROLL_BACK = "loyalty.coupons.roll_back"
READ = "loyalty.coupon_uses.read"

coupon_uses = Routes("/v1/loyalty/coupon-uses", tag="coupon uses")
coupon_results = Routes("/v1/loyalty/coupon-results", tag="coupon uses")


def coupons_at_purchases(clock: Clock, wrong_codes: WrongCodes) -> Routes:
    """The routes that take codes."""
    coupons = Routes("/v1/loyalty/coupons", tag="coupon uses")

    @coupons.post(
        "/validate", permission=VALIDATE, body=ValidateIn, returns=ValidationOut, problems=(429,)
    )
    def validate_coupons(call: Call[LoyaltyTx], body: ValidateIn) -> Reply:
        """See what coupons would take off a purchase, line by line, and why some would not.

        Nothing is promised: a coupon may be used elsewhere in the meantime.
        """
        purchase = purchase_in(body, clock.now())
        wrong_codes.require_few(call.caller)
        verdicts = call.read(_look_ahead, body.codes, purchase)
        unknown = sum(one.refusal is Refusal.UNKNOWN for one in verdicts)
        wrong_codes.count(call.caller, "coupon", unknown)
        return Reply(validation_out(body.codes, purchase.basket, verdicts))

    @coupons.post("/redeem", permission=REDEEM, body=RedeemIn, returns=UsesOut, problems=(409, 429))
    def redeem_coupons(call: Call[LoyaltyTx], body: RedeemIn) -> Response:
        """Use coupons at an order: all of them or none, and once however often it is asked.

        Of two tills that show the same coupon at once one wins; the other is told so.
        """
        purchase = purchase_in(body, clock.now())
        wrong_codes.require_few(call.caller)
        try:
            return call.run(lambda tx: operations.redeem_coupons(tx, body.codes, purchase), _shown)
        except Conflict as refused:
            unknown = sum(one.code == Refusal.UNKNOWN for one in refused.violations)
            wrong_codes.count(call.caller, "coupon", unknown)
            if refused.code in LIMIT_CODES:
                call.operations.run(call.caller, operations.note_limits, body.codes, purchase)
            raise

    @coupons.post(
        "/roll-back", permission=ROLL_BACK, body=RollBackIn, returns=UsesOut, problems=(404,)
    )
    def roll_back_coupons(call: Call[LoyaltyTx], body: RollBackIn) -> Response:
        """Take back what was used at an order: the coupons may be used again, within their validity."""
        reference, ids = body.order_reference.strip(), body.coupon_ids
        return call.run(lambda tx: operations.roll_back_order(tx, reference, ids), _shown)

    return coupons


def _shown(_tx: LoyaltyTx, uses: Sequence[CouponUse]) -> Reply:
    return Reply(uses_out(uses))


def _look_ahead(reading: Reading, codes: Sequence[str], purchase: Purchase) -> Sequence[Verdict]:
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("coupons are a tenant's")
    buyer = known_as(reading, purchase.person_id)
    return look_ahead(reading, tenant_id, codes, purchase.by(buyer))


@coupon_uses.get("", permission=READ, listing=queries.COUPON_USES, returns=CouponUseOut)
def list_coupon_uses(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List where coupons were used, latest first; those that were rolled back included."""
    return Reply(call.read(queries.list_uses, listing))


@coupon_uses.get("/<uuid:coupon_use_id>", permission=READ, returns=CouponUseOut)
def get_coupon_use(call: Call[LoyaltyTx], coupon_use_id: UUID) -> Reply:
    """Get one use of a coupon."""
    use = call.read(queries.get_use, coupon_use_id)
    return Reply(use, version=use["version"])


@coupon_uses.post("/<uuid:coupon_use_id>/roll-back", permission=ROLL_BACK, returns=CouponUseOut)
def roll_back_coupon_use(call: Call[LoyaltyTx], coupon_use_id: UUID) -> Response:
    """Take back one use of a coupon."""

    def reply(_tx: LoyaltyTx, use: CouponUse) -> Reply:
        return Reply(shown(use), version=use.version)

    return call.run(lambda tx: operations.roll_back_use(tx, coupon_use_id), reply)


@coupon_results.get("", permission=READ, query=ResultsQuery, returns=ResultsOut)
def get_coupon_results(call: Call[LoyaltyTx], query: ResultsQuery) -> Reply:
    """Get what came of coupons by pool and campaign: uses, discounts, revenue, new customers."""
    asked = Asked(query.since, query.until, query.program_id, query.campaign)
    return Reply(call.read(results, asked))
