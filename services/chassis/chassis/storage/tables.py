"""The tables that the chassis keeps in every service's database; see `ddl` for their creation."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

outbox = sa.Table(
    "outbox",
    metadata,
    # Not declared as the primary key: SQLAlchemy would fetch the number before every insert.
    sa.Column("seq", sa.BigInteger, sa.FetchedValue(), nullable=False),
    sa.Column("id", _uuid, nullable=False),
    sa.Column("tenant_id", _uuid, nullable=False),
    sa.Column("lane", sa.SmallInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("aggregate_id", _uuid, nullable=False),
    sa.Column("aggregate_version", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text),
    sa.Column("occurred_at", _time, nullable=False),
    sa.Column("published_at", _time),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", _time),
    sa.Column("last_error", sa.Text),
    sa.Column("client_id", sa.Text),
    sa.Column("session_id", _uuid),
    sa.Column("address", sa.Text),
    sa.Column("cause", _uuid),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("event_id", _uuid, primary_key=True),
    sa.Column("tenant_id", _uuid, nullable=False),
    sa.Column("received_at", _time, nullable=False),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("scope_hash", sa.LargeBinary, primary_key=True),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("headers", JSONB, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _time, nullable=False),
)

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("due_at", _time, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("arguments", JSONB, nullable=False),
    sa.Column("progress", JSONB, nullable=False),
    sa.Column("result", JSONB),
    sa.Column("error", JSONB),
    sa.Column("cancel_requested", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("started_at", _time),
    sa.Column("finished_at", _time),
)

access_entries = sa.Table(
    "access_entries",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("changed_at", _time, nullable=False),
)

access_revisions = sa.Table(
    "access_revisions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
)
