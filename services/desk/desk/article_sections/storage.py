"""How sections of the knowledge base are kept: one row each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.article_sections.domain import Section, SectionTerms

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
SECTION_KEY = "article_sections_key_unique"

article_sections = sa.Table(
    "article_sections",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("parent_id", _uuid),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class ArticleSectionsRepository(Repository[Section]):
    """Sections for a change."""

    table = article_sections
    kind = "section"

    def parent_of(self, section_id: UUID) -> UUID | None:
        """The section that one lies in; None at the top."""
        about = {"tenant_id": self._tx.tenant_id, "id": section_id}
        row = self._tx.fetch_one(_PARENT, about)
        return None if row is None else row["parent_id"]

    def is_in_use(self, section_id: UUID) -> bool:
        """Whether an article or another section is in it."""
        about = {"tenant_id": self._tx.tenant_id, "id": section_id}
        return self._tx.fetch_one(_USED, about) is not None

    def keep_places(self) -> None:
        """Have others wait who move sections: two at once could lie within each other."""
        self._tx.fetch_one(_ONE_MOVES, {"tenant_id": self._tx.tenant_id})

    def _aggregate(self, row: sa.RowMapping) -> Section:
        return Section(
            id=row["id"],
            version=row["version"],
            key=row["key"],
            terms=SectionTerms(row["name"], row["parent_id"], row["position"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Section) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            "key": aggregate.key,
            "name": dict(terms.name),
            "parent_id": terms.parent_id,
            "position": terms.position,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


_PARENT = Statement(
    "SELECT parent_id FROM article_sections WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_USED = Statement(
    "SELECT 1 AS used FROM articles WHERE tenant_id = %(tenant_id)s AND section_id = %(id)s"
    " UNION ALL"
    " SELECT 1 FROM article_sections WHERE tenant_id = %(tenant_id)s AND parent_id = %(id)s"
    " LIMIT 1"
)
_ONE_MOVES = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('sections ' || %(tenant_id)s::text, 0))"
)
