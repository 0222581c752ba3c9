"""How shared documents are kept: one row each, and never the document itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.shared_documents.domain import DocumentDetails, SharedDocument

DOCUMENT_UNIQUE = "shared_documents_once"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

shared_documents = sa.Table(
    "shared_documents",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("opportunity_id", _uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("url", _word, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("shared_by", _word, nullable=False),
    sa.Column("shared_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_DETAILS = ("name", "kind", "url", "note")
_OWN = ("opportunity_id", "shared_by", "shared_at", "updated_at")


class SharedDocumentsRepository(Repository[SharedDocument]):
    """Shared documents for a change."""

    table = shared_documents
    kind = "document"

    def count(self, opportunity_id: UUID) -> int:
        """How many are shared on an opportunity."""
        about = {"tenant_id": self._tx.tenant_id, "opportunity_id": opportunity_id}
        row = self._tx.fetch_one(_COUNT, about) or {"documents": 0}
        return int(row["documents"])

    def _aggregate(self, row: sa.RowMapping) -> SharedDocument:
        details = DocumentDetails(**{name: row[name] for name in _DETAILS})
        own = {name: row[name] for name in _OWN}
        return SharedDocument(id=row["id"], version=row["version"], details=details, **own)

    def _row(self, aggregate: SharedDocument) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            **{name: getattr(aggregate.details, name) for name in _DETAILS},
        }


_COUNT = Statement(
    "SELECT count(*) AS documents FROM shared_documents"
    " WHERE tenant_id = %(tenant_id)s AND opportunity_id = %(opportunity_id)s"
)
