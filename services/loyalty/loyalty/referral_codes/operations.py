"""Giving members codes to hand on; each function is one transaction."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict
from loyalty.codes.generation import new_code
from loyalty.members.queries import member_ref
from loyalty.referral_codes.domain import SHAPE, ReferralCode
from loyalty.referral_codes.storage import CODE_UNIQUE, MEMBER_ONCE
from loyalty.transaction import LoyaltyTx


def issue_code(tx: LoyaltyTx, member_id: UUID, shown_name: str) -> tuple[ReferralCode, bool]:
    """A member's code, and whether it is new: whoever has one keeps it, with the name that it shows.

    Raises `NotFound`, `Conflict` for a member who earns nothing now.
    """
    tx.try_again_on(MEMBER_ONCE)
    tx.try_again_on(CODE_UNIQUE)
    known = tx.referral_codes.of_member(member_id)
    if known is not None:
        return known, False
    member = member_ref(tx, member_id)
    if not member.may_earn:
        raise Conflict("The member earns nothing now.", code="member_not_active")
    now = tx.clock.now()
    code = ReferralCode(
        id=tx.ids.new(),
        program_id=member.program_id,
        member_id=member_id,
        person_id=member.person_id,
        code=new_code(SHAPE),
        shown_name=shown_name,
        created_at=now,
        updated_at=now,
    )
    code.issue()
    tx.referral_codes.add(code)
    return code, True


def change_code(
    tx: LoyaltyTx, code_id: UUID, *, shown_name: str | None, enabled: bool | None
) -> ReferralCode:
    """Show another name, or switch a code off or on; None leaves it as it is. Raises `NotFound`."""
    code = tx.referral_codes.get(code_id)
    code.change(
        shown_name=code.shown_name if shown_name is None else shown_name,
        enabled=code.enabled if enabled is None else enabled,
        now=tx.clock.now(),
    )
    return code


def replace_code(tx: LoyaltyTx, code_id: UUID) -> ReferralCode:
    """Have a member hand on another code; the one before leads nowhere any more. Raises `NotFound`."""
    tx.try_again_on(CODE_UNIQUE)
    code = tx.referral_codes.get(code_id)
    code.replace(new_code(SHAPE), tx.clock.now())
    return code
