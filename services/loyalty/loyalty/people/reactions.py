"""Follows what contacts says of people: merges, their undoing, erasures and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.idempotency import withdraw_replies
from chassis.storage.following import Following, Merge
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.occasions.operations import plan_person
from loyalty.people.erased import note_erased
from loyalty.people.following import FOLLOWING
from loyalty.people.merging import merge_memberships, unmerge_memberships
from loyalty.people.named import PEOPLE
from loyalty.profiles.operations import follow_merge, follow_unmerge
from loyalty.retaining import look_at_people_anew
from loyalty.tier_standings.operations import review_people
from loyalty.transaction import LoyaltyTx
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)

_FOLLOWING = Following(PEOPLE, FOLLOWING)


def on_person_merged(tx: LoyaltyTx, fact: PersonMerged, _envelope: Envelope) -> None:
    """Have the one who is left be the member, with what both had.

    A merge that was undone before it arrived is passed over.
    """
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.merged_person_id))
    survivor_id = _FOLLOWING.note_merge(tx, merge)
    if survivor_id is not None:
        merge_memberships(tx, merge, survivor_id)
        _FOLLOWING.move(tx, merge, survivor_id)
        review_people(tx, survivor_id)
        follow_merge(tx, merge.gone_id, survivor_id)
        plan_person(tx, survivor_id)
        look_at_people_anew(tx, merge.gone_id, survivor_id)


def on_person_unmerged(tx: LoyaltyTx, fact: PersonUnmerged, _envelope: Envelope) -> None:
    """Give back what the merge had moved; what came after it stays."""
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.unmerged_person_id))
    survivor_id = _FOLLOWING.note_undoing(tx, merge)
    _FOLLOWING.give_back(tx, merge, survivor_id)
    unmerge_memberships(tx, merge)
    review_people(tx, merge.gone_id, survivor_id)
    follow_unmerge(tx, merge.gone_id, survivor_id)
    for person_id in (merge.gone_id, survivor_id):
        plan_person(tx, person_id)
    look_at_people_anew(tx, merge.gone_id, survivor_id)


def on_person_erased(tx: LoyaltyTx, fact: PersonErased, _envelope: Envelope) -> None:
    """Take the person out of every row, and those merged into them."""
    _take_out(tx, [UUID(fact.person_id), *map(UUID, fact.merged_person_ids)])


def on_person_deleted(tx: LoyaltyTx, fact: PersonDeleted, _envelope: Envelope) -> None:
    """Keep what is there without the person, who never should have been."""
    _take_out(tx, [UUID(fact.person_id)])


def follow_people(reactions: Reactions) -> Reactions:
    """React to all that contacts says of people who are one, two, or no more; gives the same."""
    reactions.on(PersonMerged, on_person_merged)
    reactions.on(PersonUnmerged, on_person_unmerged)
    reactions.on(PersonErased, on_person_erased)
    reactions.on(PersonDeleted, on_person_deleted)
    return reactions


def _take_out(tx: UnitOfWork, person_ids: Sequence[UUID]) -> None:
    withdraw_replies(tx, _FOLLOWING.take_out(tx, person_ids))
    note_erased(tx, person_ids)
