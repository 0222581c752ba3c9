"""What was last written to a person, for whoever looks at them as a whole (CO-5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from notifications.messages.reach import actors

MOST = 50
USUALLY = 10


def recent_messages(reading: Reading, person_id: UUID, limit: int) -> list[dict[str, Any]]:
    """The person's messages within reach, the one asked for last first, with the subject if it is kept.

    Rows of messages do not name whom contacts has erased.
    """
    scope = reading.scope
    about = {
        "tenant_id": reading.caller.tenant_id,
        "person_id": person_id,
        "all": scope.owners is None,
        "actors": actors(scope),
        "limit": limit,
    }
    return reading.fetch_all(_RECENT, about)


_RECENT = Statement(
    "SELECT m.id, m.channel, m.template, coalesce(b.subject, '') AS subject, m.purpose, m.state,"
    " m.reason, m.sent_at, m.created_at FROM messages m"
    " LEFT JOIN message_bodies b ON b.tenant_id = m.tenant_id AND b.message_id = m.id"
    " WHERE m.tenant_id = %(tenant_id)s AND m.person_id = %(person_id)s"
    " AND (%(all)s OR m.created_by = ANY(%(actors)s))"
    " ORDER BY m.created_at DESC, m.id DESC LIMIT %(limit)s"
)
