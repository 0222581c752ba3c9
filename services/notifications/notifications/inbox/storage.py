"""How entries are kept."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from notifications.inbox.domain import InboxEntry, Notice

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

inbox_entries = sa.Table(
    "inbox_entries",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("message_id", _uuid),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("read_at", _time),
    sa.Column("snoozed_until", _time),
)

_OF_MESSAGE = Statement(
    "SELECT id FROM inbox_entries WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
)
_UNREAD = Statement(
    "SELECT id FROM inbox_entries WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s"
    " AND read_at IS NULL AND snoozed_until IS NULL"
    " ORDER BY id LIMIT %(limit)s"
)


class InboxRepository(Repository[InboxEntry]):
    """Entries for a change: of a request just the caller's own, as `owner` and scope have it."""

    table = inbox_entries
    kind = "inbox entry"
    owner: ClassVar[str | None] = "user_id"

    def of_message(self, message_id: UUID) -> UUID | None:
        """The entry that came with a message."""
        about = {"tenant_id": self._tx.tenant_id, "message_id": message_id}
        row = self._tx.fetch_one(_OF_MESSAGE, about)
        return row["id"] if row else None

    def unread(self, user_id: UUID, limit: int) -> list[InboxEntry]:
        """The entries that a user has not read, those put off left out."""
        about = {"tenant_id": self._tx.tenant_id, "user_id": user_id, "limit": limit}
        rows = self._tx.fetch_all(_UNREAD, about)
        return self.get_many([row["id"] for row in rows])

    def _aggregate(self, row: sa.RowMapping) -> InboxEntry:
        return InboxEntry(
            id=row["id"],
            version=row["version"],
            user_id=row["user_id"],
            notice=Notice(row["title"], row["text"], row["link"], row["message_id"]),
            created_at=row["created_at"],
            read_at=row["read_at"],
            snoozed_until=row["snoozed_until"],
        )

    def _row(self, aggregate: InboxEntry) -> dict[str, Any]:
        notice = aggregate.notice
        return {
            "user_id": aggregate.user_id,
            "title": notice.title,
            "text": notice.text,
            "link": notice.link,
            "message_id": notice.message_id,
            "created_at": aggregate.created_at,
            "read_at": aggregate.read_at,
            "snoozed_until": aggregate.snoozed_until,
        }
