"""Looks at members' tiers when something befell them that counts."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.members.domain import MemberStatus
from loyalty.tier_standings.domain import MoveCause
from loyalty.tier_standings.operations import review_member
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1.member_events_pb2 import MemberReinstated, MemberRejoined
from rapport.loyalty.events.v1.points_events_pb2 import PointsEarned, PointsReversed

_COUNTING = (
    HappeningKind.ORDER_DELIVERED,
    HappeningKind.ORDER_REFUNDED,
    HappeningKind.ENROLLED,
)


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Look at every membership of the person whose program has tiers, if it may make a difference.

    One that earns nothing for now is looked at when it is back, and all that counts counted anew then.
    """
    if happening.kind not in _COUNTING:
        return
    about = {"tenant_id": tx.tenant_id, "person_id": happening.person_id}
    for row in tx.fetch_all(_IN_TIERS, about):
        if row["status"] == MemberStatus.ACTIVE:
            review_member(tx, row["id"], MoveCause.COUNTED, happening)
        else:
            tx.write(_COUNT_ANEW, {"tenant_id": tx.tenant_id, "member_id": row["id"]})


def on_points_earned(tx: LoyaltyTx, fact: PointsEarned, _envelope: Envelope) -> None:
    """Look at a member who has more points, where they count."""
    _points_moved(tx, UUID(fact.member_id))


def on_points_reversed(tx: LoyaltyTx, fact: PointsReversed, _envelope: Envelope) -> None:
    """Look at a member of whom points were taken back, where they count."""
    _points_moved(tx, UUID(fact.member_id))


def on_member_back(
    tx: LoyaltyTx, fact: MemberReinstated | MemberRejoined, _envelope: Envelope
) -> None:
    """Look at a member who is back: what counted meanwhile was passed over."""
    review_member(tx, UUID(fact.member_id), MoveCause.COUNTED)


def follow_standings(reactions: Reactions) -> Reactions:
    """React to what members earn, and to those who are back; gives the same."""
    reactions.on(MemberReinstated, on_member_back)
    reactions.on(MemberRejoined, on_member_back)
    reactions.on(PointsEarned, on_points_earned)
    reactions.on(PointsReversed, on_points_reversed)
    return reactions


def _points_moved(tx: LoyaltyTx, member_id: UUID) -> None:
    about = {"tenant_id": tx.tenant_id, "member_id": member_id}
    row = tx.fetch_one(_BY_POINTS, about)
    if row is not None:
        review_member(tx, row["id"], MoveCause.COUNTED)


_IN_TIERS = Statement(
    "SELECT m.id, m.status FROM members m JOIN tier_schemes s"
    " ON s.tenant_id = m.tenant_id AND s.id = m.program_id"
    " WHERE m.tenant_id = %(tenant_id)s AND m.person_id = %(person_id)s AND m.status <> 'merged'"
    " ORDER BY m.id"
)
_COUNT_ANEW = Statement(
    "UPDATE tier_standings SET tally = NULL"
    " WHERE tenant_id = %(tenant_id)s AND id = %(member_id)s AND tally IS NOT NULL"
)
_BY_POINTS = Statement(
    "SELECT coalesce(m.merged_into_id, m.id) AS id FROM members m JOIN tier_schemes s"
    " ON s.tenant_id = m.tenant_id AND s.id = m.program_id AND s.terms ->> 'by' = 'points'"
    " WHERE m.tenant_id = %(tenant_id)s AND m.id = %(member_id)s"
)
