"""How articles are found: what readers see of each in each language, and the terms of it.

`article_terms` is read by whole terms of one tenant, which is a range of its key; `article_readings`
has what a hit shows, and how long each text is.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")

article_readings = sa.Table(
    "article_readings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("article_id", _uuid, primary_key=True),
    sa.Column("language", _word, primary_key=True),
    sa.Column("key", _word, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("section_id", _uuid),
    sa.Column("visibility", _word, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
)
