"""Follows what contacts says of people: merges, their undoing, erasures and deletions."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.following import Merge
from desk.people.forgetting import have_words_forgotten
from desk.people.taking_out import FOLLOWED, take_out
from desk.transaction import DeskTx
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)


def on_person_merged(tx: DeskTx, fact: PersonMerged, _envelope: Envelope) -> None:
    """Have all that names the one who is gone name the one who is left.

    A merge that was undone before it arrived is passed over.
    """
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.merged_person_id))
    survivor_id = FOLLOWED.note_merge(tx, merge)
    if survivor_id is not None:
        FOLLOWED.move(tx, merge, survivor_id)


def on_person_unmerged(tx: DeskTx, fact: PersonUnmerged, _envelope: Envelope) -> None:
    """Give back what the merge had moved; what came after it stays."""
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.unmerged_person_id))
    FOLLOWED.give_back(tx, merge, FOLLOWED.note_undoing(tx, merge))


def on_person_erased(tx: DeskTx, fact: PersonErased, envelope: Envelope) -> None:
    """Take the person out of every row, and those merged into them; look for words that name no id."""
    person_id = UUID(fact.person_id)
    take_out(tx, [person_id, *map(UUID, fact.merged_person_ids)])
    have_words_forgotten(tx, person_id, envelope.occurred_at)


def on_person_deleted(tx: DeskTx, fact: PersonDeleted, _envelope: Envelope) -> None:
    """Keep what is there without the person, who never should have been."""
    take_out(tx, [UUID(fact.person_id)])


def follow_people(reactions: Reactions) -> Reactions:
    """React to all that contacts says of people who are one, two, or no more; gives the same."""
    reactions.on(PersonMerged, on_person_merged)
    reactions.on(PersonUnmerged, on_person_unmerged)
    reactions.on(PersonErased, on_person_erased)
    reactions.on(PersonDeleted, on_person_deleted)
    return reactions
