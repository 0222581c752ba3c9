"""How attachments are kept: one row each, and what is in them outside the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.attachments.domain import Attachment

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")
_time = sa.DateTime(timezone=True)

attachments = sa.Table(
    "attachments",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content_type", _word, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", _word, nullable=False),
    sa.Column("uploaded_by", _word, nullable=False),
    sa.Column("uploaded_at", _time, nullable=False),
    sa.Column("message_id", _uuid),
    sa.Column("removed_at", _time),
)
_OWN = tuple(c.name for c in attachments.c if c.name not in ("tenant_id", "id", "version"))


class AttachmentsRepository(Repository[Attachment]):
    """Attachments for a change."""

    table = attachments
    kind = "attachment"

    def of_messages(self, message_ids: list[UUID]) -> list[Attachment]:
        """Those that went with messages and are not removed."""
        about = {"tenant_id": self._tx.tenant_id, "ids": message_ids}
        return self.get_many([row["id"] for row in self._tx.fetch_all(_OF_MESSAGES, about)])

    def _aggregate(self, row: sa.RowMapping) -> Attachment:
        return Attachment(
            id=row["id"], version=row["version"], **{name: row[name] for name in _OWN}
        )

    def _row(self, aggregate: Attachment) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


_OF_MESSAGES = Statement(
    "SELECT id FROM attachments WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(ids)s)"
    " AND removed_at IS NULL ORDER BY id"
)
