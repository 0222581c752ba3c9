"""Giving badges and privileges and taking them back, each within the caller's transaction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from chassis.domain import Conflict
from loyalty.members.domain import MemberStatus
from loyalty.members.queries import MemberRef, member_ref
from loyalty.recognitions.domain import Recognition, RecognitionTerms
from loyalty.transaction import LoyaltyTx

BY_HAND = "by_hand"


def award(
    tx: LoyaltyTx, member: MemberRef, terms: RecognitionTerms, cause_kind: str, cause_key: str
) -> Recognition:
    """Give a member a recognition, once for a cause: a second time gives the first one."""
    known = tx.recognitions.of_cause(cause_kind, cause_key)
    if known is not None:
        return known
    now = tx.clock.now()
    given = Recognition(
        id=tx.ids.new(),
        program_id=member.program_id,
        member_id=member.id,
        person_id=member.person_id,
        kind=terms.kind,
        key=terms.key,
        name=terms.name,
        cause_kind=cause_kind,
        cause_key=cause_key,
        awarded_at=now,
        valid_until=None if terms.days is None else now + timedelta(days=terms.days),
    )
    given.award()
    tx.recognitions.add(given)
    return given


def award_by_hand(tx: LoyaltyTx, member_id: UUID, terms: RecognitionTerms) -> Recognition:
    """Give a member a recognition because somebody wants it. Raises `NotFound`, `Conflict`."""
    member = member_ref(tx, member_id)
    if member.status is not MemberStatus.ACTIVE:
        raise Conflict(f"The member is {member.status}.", code="member_not_active")
    return award(tx, member, terms, BY_HAND, str(tx.ids.new()))


def withdraw(tx: LoyaltyTx, recognition_id: UUID) -> Recognition:
    """Take a recognition back. Raises `NotFound`, `Conflict` for a second time."""
    recognition = tx.recognitions.get(recognition_id)
    recognition.withdraw(tx.clock.now())
    return recognition


def withdraw_of_cause(tx: LoyaltyTx, cause_kind: str, cause_key: str) -> None:
    """Take back what was given for a cause, whosever it is by now, if it is still there."""
    recognition = tx.recognitions.of_cause(cause_kind, cause_key)
    if recognition is not None and recognition.withdrawn_at is None:
        recognition.withdraw(tx.clock.now())
