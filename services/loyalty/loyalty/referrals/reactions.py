"""What follows for referrals when two people turn out to be one, or a member is back."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from loyalty.people.named import current_person
from loyalty.referrals.operations import review_all_of
from loyalty.transaction import LoyaltyTx
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from rapport.loyalty.events.v1.member_events_pb2 import MemberReinstated, MemberRejoined


def on_person_merged(tx: LoyaltyTx, fact: PersonMerged, _envelope: Envelope) -> None:
    """Look again at what names the one who is left: they may have recommended to themselves."""
    review_all_of(tx, current_person(tx, UUID(fact.person_id)))


def on_member_back(
    tx: LoyaltyTx, fact: MemberReinstated | MemberRejoined, _envelope: Envelope
) -> None:
    """Give whoever earns again what was due while they did not."""
    if fact.person_id:
        review_all_of(tx, UUID(fact.person_id))


def follow_members(reactions: Reactions) -> Reactions:
    """React to members who are back; gives the same."""
    reactions.on(MemberReinstated, on_member_back)
    reactions.on(MemberRejoined, on_member_back)
    return reactions


def follow_merges(reactions: Reactions) -> Reactions:
    """React to merges, after rows have gone over to whoever is left; gives the same."""
    reactions.on(PersonMerged, on_person_merged)
    return reactions
