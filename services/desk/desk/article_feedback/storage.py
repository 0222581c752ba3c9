"""How what readers say is kept: a row each, which never changes; and how often articles were read.

Views are counted in rows of several slots a day, so that the readers of a much read article do not wait
for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from desk.article_feedback.domain import ArticleFeedback

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")
FEEDBACK_ONCE = "article_feedback_once"
_SLOTS: Final = 8

article_feedback = sa.Table(
    "article_feedback",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("article_id", _uuid, nullable=False),
    sa.Column("published_version", sa.Integer, nullable=False),
    sa.Column("language", _word, nullable=False),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("visitor", _word, nullable=False),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
)
_OWN = (
    "article_id",
    "published_version",
    "language",
    "helpful",
    "comment",
    "visitor",
    "given_at",
)


class ArticleFeedbackRepository(Repository[ArticleFeedback]):
    """What readers say."""

    table = article_feedback
    kind = "feedback"

    def of_visitor(self, article_id: UUID, visitor: str) -> UUID | None:
        """What a reader has said of an article already."""
        about = {"tenant_id": self._tx.tenant_id, "article_id": article_id, "visitor": visitor}
        row = self._tx.fetch_one(_OF_VISITOR, about)
        return None if row is None else UUID(str(row["id"]))

    def _aggregate(self, row: sa.RowMapping) -> ArticleFeedback:
        names = ("id", "version", *_OWN)
        return ArticleFeedback(**{name: row[name] for name in names})

    def _row(self, aggregate: ArticleFeedback) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


def count_view(tx: UnitOfWork, article_id: UUID, day: date) -> None:
    """Count that an article was read."""
    about = {
        "tenant_id": tx.tenant_id,
        "article_id": article_id,
        "day": day,
        "slot": tx.ids.new().int % _SLOTS,
    }
    tx.write(_COUNT, about)


def forget_comments(tx: UnitOfWork, feedback_ids: Sequence[UUID]) -> None:
    """Have what was written go; no fact has told of the words."""
    tx.write(_FORGET, {"tenant_id": tx.tenant_id, "ids": list(feedback_ids)})


_OF_VISITOR = Statement(
    "SELECT id FROM article_feedback WHERE tenant_id = %(tenant_id)s"
    " AND article_id = %(article_id)s AND visitor = %(visitor)s"
)
_COUNT = Statement(
    "INSERT INTO article_views AS v (tenant_id, article_id, day, slot, views)"
    " VALUES (%(tenant_id)s, %(article_id)s, %(day)s, %(slot)s, 1)"
    " ON CONFLICT (tenant_id, article_id, day, slot) DO UPDATE SET views = v.views + 1"
)
_FORGET = Statement(
    "UPDATE article_feedback SET comment = '', version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"
)
