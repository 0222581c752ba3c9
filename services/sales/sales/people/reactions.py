"""Follows what contacts says of people: merges, their undoing, erasures and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.idempotency import withdraw_replies
from chassis.storage.following import Following, Merge
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from sales.people.following import FOLLOWING
from sales.people.forgetting import have_words_forgotten
from sales.people.named import PEOPLE
from sales.transaction import SalesTx

_TOLD_OF = Statement(
    "SELECT id FROM leads WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
    " UNION ALL SELECT id FROM opportunities WHERE tenant_id = %(tenant_id)s"
    " AND person_id = ANY(%(ids)s) AND company_id IS NULL"
    " UNION ALL SELECT r.id FROM approval_requests r JOIN opportunities o"
    " ON o.tenant_id = %(tenant_id)s AND o.id = r.opportunity_id"
    " WHERE r.tenant_id = %(tenant_id)s AND o.person_id = ANY(%(ids)s)"
)
_FOLLOWING = Following(PEOPLE, FOLLOWING, _TOLD_OF)


def on_person_merged(tx: UnitOfWork, fact: PersonMerged, _envelope: Envelope) -> None:
    """Have all that names the one who is gone name the one who is left.

    A merge that was undone before it arrived is passed over.
    """
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.merged_person_id))
    survivor_id = _FOLLOWING.note_merge(tx, merge)
    if survivor_id is not None:
        _FOLLOWING.move(tx, merge, survivor_id)


def on_person_unmerged(tx: UnitOfWork, fact: PersonUnmerged, _envelope: Envelope) -> None:
    """Give back what the merge had moved; what came after it stays."""
    merge = Merge(UUID(fact.merge_id), UUID(fact.person_id), UUID(fact.unmerged_person_id))
    _FOLLOWING.give_back(tx, merge, _FOLLOWING.note_undoing(tx, merge))


def on_person_erased(tx: SalesTx, fact: PersonErased, envelope: Envelope) -> None:
    """Take the person out of every row, and those merged into them; look for words that name no id."""
    person_id = UUID(fact.person_id)
    _take_out(tx, [person_id, *map(UUID, fact.merged_person_ids)])
    have_words_forgotten(tx, person_id, envelope.occurred_at)


def on_person_deleted(tx: UnitOfWork, fact: PersonDeleted, _envelope: Envelope) -> None:
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
