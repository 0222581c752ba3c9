"""Plans days anew when a program reckons otherwise, or two members were two people after all."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from loyalty.members.queries import member_ref
from loyalty.occasions.operations import plan_member, plan_program
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1.member_events_pb2 import MemberUnmerged
from rapport.loyalty.events.v1.program_events_pb2 import ProgramChanged


def on_program_changed(tx: LoyaltyTx, fact: ProgramChanged, _envelope: Envelope) -> None:
    """Another time zone or leap day moves the days of members."""
    plan_program(tx, UUID(fact.program_id))


def on_member_unmerged(tx: LoyaltyTx, fact: MemberUnmerged, _envelope: Envelope) -> None:
    """Whoever is back has days again."""
    plan_member(tx, member_ref(tx, UUID(fact.member_id)))


def follow_occasions(reactions: Reactions) -> Reactions:
    """React to loyalty's own facts that move members' days; gives the same."""
    reactions.on(ProgramChanged, on_program_changed)
    reactions.on(MemberUnmerged, on_member_unmerged)
    return reactions
