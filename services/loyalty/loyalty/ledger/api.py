"""The points ledger over REST: what members have, how it came about, and what it is worth."""

from __future__ import annotations

from uuid import UUID

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.ledger import explaining
from loyalty.ledger.liability import liability
from loyalty.ledger.models import (
    LedgerTransactionOut,
    LiabilityOut,
    LiabilityQuery,
    MemberPointsOut,
    RecountIn,
    RecountOut,
)
from loyalty.ledger.recount import recount
from loyalty.transaction import LoyaltyTx

READ = "loyalty.ledger.read"
REPORT = "loyalty.liability.read"
RECOUNT = "loyalty.ledger.recount"

member_ledgers = Routes("/v1/loyalty/members", tag="points")
liabilities = Routes("/v1/loyalty/liability", tag="points")
recounts = Routes("/v1/loyalty/ledger/recount", tag="points")


@member_ledgers.get("/<uuid:member_id>/points", permission=READ, returns=MemberPointsOut)
def get_member_points(call: Call[LoyaltyTx], member_id: UUID) -> Reply:
    """Get what a member has: by account, lot by lot, and when the next points expire."""
    return Reply(call.read(explaining.member_points, member_id))


@member_ledgers.get(
    "/<uuid:member_id>/ledger",
    permission=READ,
    listing=explaining.LEDGER,
    returns=LedgerTransactionOut,
)
def list_member_ledger(call: Call[LoyaltyTx], listing: Listing, member_id: UUID) -> Reply:
    """List what has moved a member's points, the latest first, with what there was after each."""
    return Reply(call.read(explaining.list_ledger, listing, member_id))


@member_ledgers.get(
    "/<uuid:member_id>/ledger/<uuid:transaction_id>",
    permission=READ,
    returns=LedgerTransactionOut,
)
def get_ledger_transaction(call: Call[LoyaltyTx], member_id: UUID, transaction_id: UUID) -> Reply:
    """Get one transaction of a member's points."""
    return Reply(call.read(explaining.get_transaction, member_id, transaction_id))


@liabilities.get("", permission=REPORT, query=LiabilityQuery, returns=LiabilityOut, problems=(404,))
def get_liability(call: Call[LoyaltyTx], query: LiabilityQuery) -> Reply:
    """Get what a program owes in points, now or as of a time in the past, and what that is worth."""
    return Reply(call.read(liability, query.program_id, query.as_of))


@recounts.get("", permission=RECOUNT, query=RecountIn, returns=RecountOut)
def recount_ledger(call: Call[LoyaltyTx], query: RecountIn) -> Reply:
    """Count balances and lots anew from the entries, and name what differs."""
    return Reply(call.read(recount, query.program_id, query.member_id))
