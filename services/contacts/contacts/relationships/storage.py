"""How employments and relations are kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from contacts.relationships.domain import Employment, Relation, RelationKind, Terms

RACES = (
    "relations_unique",
    "relations_tenant_id_first_id_fkey",
    "relations_tenant_id_second_id_fkey",
)
"""What is broken when two are related, or one of them is merged, at the same moment."""

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

employments = sa.Table(
    "employments",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("company_id", _uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("started_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

relations = sa.Table(
    "relations",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("first_id", _uuid, nullable=False),
    sa.Column("second_id", _uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("pair", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class EmploymentsRepository(Repository[Employment]):
    """Employments for a change; have the person first, so that writers take turns."""

    table = employments
    kind = "employment"

    def terms_at(self, person_id: UUID, company_id: UUID, but: UUID | None = None) -> list[Terms]:
        """What is known of the person's employments at the company, `but` one."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "person_id": person_id,
            "company_id": company_id,
        }
        rows = self._tx.fetch_all(_AT_COMPANY, about)
        return [
            Terms(row["title"], row["started_on"], row["ended_on"], row["ended"])
            for row in rows
            if row["id"] != but
        ]

    def _aggregate(self, row: sa.RowMapping) -> Employment:
        return Employment(
            id=row["id"],
            version=row["version"],
            person_id=row["person_id"],
            company_id=row["company_id"],
            terms=Terms(row["title"], row["started_on"], row["ended_on"], row["ended"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Employment) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            "person_id": aggregate.person_id,
            "company_id": aggregate.company_id,
            "title": terms.title,
            "started_on": terms.started_on,
            "ended_on": terms.ended_on,
            "ended": terms.ended,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


class RelationsRepository(Repository[Relation]):
    """Relations for a change."""

    table = relations
    kind = "relation"

    def _aggregate(self, row: sa.RowMapping) -> Relation:
        return Relation(
            id=row["id"],
            version=row["version"],
            first_id=row["first_id"],
            second_id=row["second_id"],
            kind=RelationKind(row["kind"]),
            note=row["note"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Relation) -> dict[str, Any]:
        return {
            "first_id": aggregate.first_id,
            "second_id": aggregate.second_id,
            "kind": aggregate.kind,
            "pair": aggregate.pair,
            "note": aggregate.note,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


_AT_COMPANY = Statement(
    "SELECT id, title, started_on, ended_on, ended FROM employments"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND company_id = %(company_id)s"
)
