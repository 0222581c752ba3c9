"""Follows what contacts says of people: merges, their undoing, erasures and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.idempotency import withdraw_replies
from chassis.storage.following import Following, Merge
from chassis.storage.statements import Statement
from desk.attachments.operations import remove_of_messages
from desk.people.addresses import forget_addresses_of
from desk.people.following import FOLLOWING
from desk.people.named import PEOPLE
from desk.transaction import DeskTx
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)

_TOLD_OF = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
)
_SAID = Statement(
    "WITH theirs AS (SELECT id FROM tickets"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s))"
    " SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND attachment_ids <> '{}'"
    " AND (person_id = ANY(%(person_ids)s) OR ticket_id IN (SELECT id FROM theirs)"
    " OR origin_ticket_id IN (SELECT id FROM theirs))"
)
_FOLLOWING = Following(PEOPLE, FOLLOWING, _TOLD_OF)


def on_person_merged(tx: DeskTx, fact: PersonMerged, _envelope: Envelope) -> None:
    """Have all that names the one who is gone name the one who is left.

    A merge that was undone before it arrived is passed over.
    """
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.merged_person_id))
    survivor_id = _FOLLOWING.note_merge(tx, merge)
    if survivor_id is not None:
        _FOLLOWING.move(tx, merge, survivor_id)


def on_person_unmerged(tx: DeskTx, fact: PersonUnmerged, _envelope: Envelope) -> None:
    """Give back what the merge had moved; what came after it stays."""
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.unmerged_person_id))
    _FOLLOWING.give_back(tx, merge, _FOLLOWING.note_undoing(tx, merge))


def on_person_erased(tx: DeskTx, fact: PersonErased, _envelope: Envelope) -> None:
    """Take the person out of every row, and those merged into them."""
    _take_out(tx, [UUID(fact.person_id), *map(UUID, fact.merged_person_ids)])


def on_person_deleted(tx: DeskTx, fact: PersonDeleted, _envelope: Envelope) -> None:
    """Keep what is there without the person, who never should have been."""
    _take_out(tx, [UUID(fact.person_id)])


def follow_people(reactions: Reactions) -> Reactions:
    """React to all that contacts says of people who are one, two, or no more; gives the same."""
    reactions.on(PersonMerged, on_person_merged)
    reactions.on(PersonUnmerged, on_person_unmerged)
    reactions.on(PersonErased, on_person_erased)
    reactions.on(PersonDeleted, on_person_deleted)
    return reactions


def _take_out(tx: DeskTx, person_ids: Sequence[UUID]) -> None:
    about = {"tenant_id": tx.tenant_id, "person_ids": list(person_ids)}
    # Both while rows still name the person.
    known_by_address = forget_addresses_of(tx, person_ids)
    remove_of_messages(tx, [row["id"] for row in tx.fetch_all(_SAID, about)])
    withdraw_replies(tx, [*known_by_address, *_FOLLOWING.take_out(tx, person_ids)])
