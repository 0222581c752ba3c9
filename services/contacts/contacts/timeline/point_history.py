"""What the timeline tells of a contact point: facts about it may arrive in another order than they happened."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.merges.survivors import survivor_of
from rapport.notifications.events.v1.message_events_pb2 import AddressRestored, MessageBounced


def was_restored(tx: UnitOfWork, person_id: UUID, point_id: UUID, *, since: datetime) -> bool:
    """Whether it was told that the address takes messages again, after a moment."""
    return _was_told(tx, AddressRestored, person_id, point_id, since)


def has_bounced(tx: UnitOfWork, person_id: UUID, point_id: UUID, *, since: datetime) -> bool:
    """Whether it was told that the address will never take a message, after a moment."""
    return _was_told(tx, MessageBounced, person_id, point_id, since)


def _was_told(
    tx: UnitOfWork,
    fact: type[AddressRestored | MessageBounced],
    person_id: UUID,
    point_id: UUID,
    since: datetime,
) -> bool:
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": survivor_of(tx, person_id) or person_id,
        "fact_type": fact.DESCRIPTOR.full_name,
        "for_good": fact is MessageBounced,
        "point_id": str(point_id),
        "since": since,
    }
    return tx.fetch_one(_TOLD, about) is not None


# By the index of a timeline: what happened to one person after a moment that is hardly ever long ago.
_TOLD = Statement(
    "SELECT 1 FROM timeline_entries WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND occurred_at > %(since)s AND fact_type = %(fact_type)s"
    " AND details->>'contact_point_id' = %(point_id)s"
    " AND (NOT %(for_good)s OR details->>'permanent' = 'true') LIMIT 1"
)
