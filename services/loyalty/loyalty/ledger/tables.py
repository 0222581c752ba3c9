"""The table of transactions as SQLAlchemy knows it, for lists."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

transactions = sa.Table(
    "ledger_transactions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("kind", _word, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("short", sa.BigInteger, nullable=False),
    sa.Column("about_id", _uuid),
    sa.Column("at", _time, nullable=False),
    sa.Column("recorded_at", _time, nullable=False),
    sa.Column("actor", _word, nullable=False),
)
