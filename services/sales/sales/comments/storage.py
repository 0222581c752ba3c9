"""How comments are kept: one row each, and one for each wording that an edit has replaced."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.comments.domain import Comment

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

comments = sa.Table(
    "comments",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("opportunity_id", _uuid, nullable=False),
    sa.Column("thread_id", _uuid, nullable=False),
    sa.Column("author", _word, nullable=False),
    sa.Column("author_id", _uuid),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("mentions", ARRAY(_uuid), nullable=False),
    sa.Column("edits", sa.Integer, nullable=False),
    sa.Column("written_at", _time, nullable=False),
    sa.Column("edited_at", _time),
    sa.Column("deleted_at", _time),
)
_PLAIN = (
    "opportunity_id",
    "thread_id",
    "author",
    "author_id",
    "text",
    "edits",
    "written_at",
    "edited_at",
    "deleted_at",
)


class CommentsRepository(Repository[Comment]):
    """Comments for a change."""

    table = comments
    kind = "comment"

    def keep_wording(self, comment: Comment, text: str, said_at: datetime) -> None:
        """Have kept what an edited comment said before."""
        about = {"tenant_id": self._tx.tenant_id, "comment_id": comment.id}
        wording = {"number": comment.edits, "text": text, "said_at": said_at}
        self._tx.write(_WORDING, {**about, **wording, "opportunity_id": comment.opportunity_id})

    def forget_wordings(self, comment: Comment) -> None:
        """Have only the times left of what a comment said before."""
        self._tx.write(_FORGET, {"tenant_id": self._tx.tenant_id, "comment_id": comment.id})

    def _aggregate(self, row: sa.RowMapping) -> Comment:
        own = {name: row[name] for name in _PLAIN}
        return Comment(id=row["id"], version=row["version"], mentions=tuple(row["mentions"]), **own)

    def _row(self, aggregate: Comment) -> dict[str, Any]:
        own = {name: getattr(aggregate, name) for name in _PLAIN}
        return {**own, "mentions": list(aggregate.mentions)}


def wordings_of(comment_id: UUID, tenant_id: UUID | None) -> tuple[Statement, dict[str, Any]]:
    """What a comment said before its edits, oldest first."""
    return _WORDINGS, {"tenant_id": tenant_id, "comment_id": comment_id}


_WORDING = Statement(
    "INSERT INTO comment_wordings (tenant_id, comment_id, number, opportunity_id, text, said_at)"
    " VALUES (%(tenant_id)s, %(comment_id)s, %(number)s, %(opportunity_id)s, %(text)s, %(said_at)s)"
)
_FORGET = Statement(
    "UPDATE comment_wordings SET text = '' WHERE tenant_id = %(tenant_id)s"
    " AND comment_id = %(comment_id)s"
)
_WORDINGS = Statement(
    "SELECT text, said_at FROM comment_wordings WHERE tenant_id = %(tenant_id)s"
    " AND comment_id = %(comment_id)s ORDER BY number"
)
