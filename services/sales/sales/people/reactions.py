"""Follows what contacts says of people: merges, their undoing, erasures and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.idempotency import withdraw_replies
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from sales.people.following import FOLLOWING, current_person, follow_alone


def on_person_merged(tx: UnitOfWork, fact: PersonMerged, _envelope: Envelope) -> None:
    """Have all that names the one who is gone name the one who is left.

    A merge that was undone before it arrived is passed over. Who is left may be gone as well by
    now: rows go to whoever answers for them.
    """
    follow_alone(tx)
    merge_id, gone_id = UUID(fact.merge_id), UUID(fact.merged_person_id)
    about = {"tenant_id": tx.tenant_id, "merge_id": merge_id, "gone_id": gone_id}
    note = {**about, "survivor_id": UUID(fact.person_id), "undone": False}
    tx.write(_NOTE, note)
    if tx.fetch_one(_HOLDS, about) is None:
        return
    survivor_id = current_person(tx, gone_id)
    for table in FOLLOWING:
        moved = {**about, "survivor_id": survivor_id}
        tx.write(table.remember, moved)
        tx.write(table.move, moved)


def on_person_unmerged(tx: UnitOfWork, fact: PersonUnmerged, _envelope: Envelope) -> None:
    """Give back what the merge had moved; what came after it stays."""
    follow_alone(tx)
    merge_id, back_id = UUID(fact.merge_id), UUID(fact.unmerged_person_id)
    survivor_id = current_person(tx, UUID(fact.person_id))
    about = {"tenant_id": tx.tenant_id, "merge_id": merge_id, "gone_id": back_id}
    tx.write(_NOTE_UNDONE, {**about, "survivor_id": survivor_id, "undone": True})
    for table in FOLLOWING:
        tx.write(table.give_back, {**about, "back_id": back_id, "survivor_id": survivor_id})
    tx.write(_AT_HOME, about)


def on_person_erased(tx: UnitOfWork, fact: PersonErased, _envelope: Envelope) -> None:
    """Take the person out of every row, and those merged into them."""
    _take_out(tx, [UUID(fact.person_id), *map(UUID, fact.merged_person_ids)])


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
    follow_alone(tx)
    about = {"tenant_id": tx.tenant_id, "person_ids": list(person_ids), "now": tx.clock.now()}
    # Answers that are kept for repetition tell of the person as well, those of before the record
    # named them included: looked up while it still does.
    told_of = [str(row["id"]) for row in tx.fetch_all(_TOLD_OF, about)]
    for table in FOLLOWING:
        for statement in (*table.clear, table.erase):
            tx.write(statement, about)
    withdraw_replies(tx, [*map(str, person_ids), *told_of])


_INSERT = (
    "INSERT INTO person_merges (tenant_id, merge_id, person_id, merged_person_id, undone)"
    " VALUES (%(tenant_id)s, %(merge_id)s, %(survivor_id)s, %(gone_id)s, %(undone)s)"
    " ON CONFLICT (tenant_id, merge_id) "
)
_NOTE = Statement(_INSERT + "DO NOTHING")
_NOTE_UNDONE = Statement(_INSERT + "DO UPDATE SET undone = true")
_HOLDS = Statement(
    "SELECT merge_id FROM person_merges"
    " WHERE tenant_id = %(tenant_id)s AND merge_id = %(merge_id)s AND NOT undone"
)
_TOLD_OF = Statement(
    "SELECT id FROM leads WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s)"
    " UNION ALL SELECT id FROM opportunities WHERE tenant_id = %(tenant_id)s"
    " AND person_id = ANY(%(person_ids)s) AND company_id IS NULL"
)
_AT_HOME = Statement(
    "DELETE FROM moved_records WHERE tenant_id = %(tenant_id)s AND merge_id = %(merge_id)s"
)
