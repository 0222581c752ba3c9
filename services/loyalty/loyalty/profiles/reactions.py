"""Asks anew when contacts says that something about a member's person has changed."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from loyalty.people.named import known_as
from loyalty.profiles.domain import MATTERING
from loyalty.profiles.operations import want_profile_of_member
from loyalty.transaction import LoyaltyTx
from rapport.contacts.events.v1.person_events_pb2 import PersonChanged


def on_person_changed(tx: LoyaltyTx, fact: PersonChanged, _envelope: Envelope) -> None:
    """Ask anew if it is something that a profile is made of."""
    if MATTERING.isdisjoint(fact.changed_fields):
        return
    person_id = known_as(tx, UUID(fact.person_id))
    if person_id is not None:
        want_profile_of_member(tx, person_id)


def follow_profiles(reactions: Reactions) -> Reactions:
    """React to changes of people; gives the same."""
    reactions.on(PersonChanged, on_person_changed)
    return reactions
