"""What administrators do to tiers; what it means to members follows without haste."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import NotFound
from chassis.work.timers import set_timer
from loyalty.programs.queries import program
from loyalty.tiers.domain import TierScheme, TierTerms
from loyalty.transaction import LoyaltyTx

TIER_RECOUNT = "loyalty.tier_recount"
"""The timer by which all members of a program are looked at, some at a time."""


def define_tiers(tx: LoyaltyTx, program_id: UUID, terms: TierTerms) -> TierScheme:
    """Have a program go by these tiers, the first or others.

    All members are looked at soon after. Raises `NotFound` without such a program, `Invalid`.
    """
    program(tx, program_id)
    tx.try_again_on("tier_schemes_pkey")
    now = tx.clock.now()
    try:
        scheme = tx.tier_schemes.get(program_id)
    except NotFound:
        scheme = TierScheme(id=program_id, terms=terms, created_at=now, updated_at=now)
        scheme.define()
        tx.tier_schemes.add(scheme)
    else:
        if not scheme.change(terms, now):
            return scheme
    set_timer(tx, TIER_RECOUNT, str(program_id), now)
    return scheme
