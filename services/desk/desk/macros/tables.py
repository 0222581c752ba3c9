"""The tables of macros."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

macros = sa.Table(
    "macros",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("actions", sa.JSON, nullable=False),
    sa.Column("sharing", _word, nullable=False),
    sa.Column("team_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
macro_uses = sa.Table(
    "macro_uses",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("macro_id", _uuid, primary_key=True),
    sa.Column("uses", sa.BigInteger, nullable=False),
    sa.Column("last_used_at", _time, nullable=False),
)
