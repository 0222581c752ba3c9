"""How it is kept that somebody was erased: once for each person."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.erasures.domain import Erasure

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("merged_person_ids", ARRAY(_uuid), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("erased_by", sa.Text, nullable=False),
)
erased_traces = sa.Table(
    "erased_traces",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("person_id", _uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
)


def keep_erasure(tx: UnitOfWork, erasure: Erasure) -> None:
    """Keep that somebody was erased, unless that is known."""
    row = {
        "tenant_id": tx.tenant_id,
        "id": erasure.id,
        "person_id": erasure.person_id,
        "merged_person_ids": list(erasure.merged_person_ids),
        "reason": erasure.reason,
        "erased_at": erasure.erased_at,
        "erased_by": erasure.erased_by,
    }
    tx.write(_KEEP, row)


_KEEP = Statement(
    Statement.of(sa.insert(erasures), erasures.c.keys()).sql + " ON CONFLICT DO NOTHING"
)
