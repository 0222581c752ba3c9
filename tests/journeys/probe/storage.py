"""Where the probe notes facts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

noted = sa.Table(
    "noted",
    sa.MetaData(),
    sa.Column("tenant_id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("event_id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("person_id", PgUUID(as_uuid=True), nullable=False),
    sa.Column("trace_id", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
)
