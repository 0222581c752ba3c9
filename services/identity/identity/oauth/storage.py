"""Tables of authorization codes, device codes and consents."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

authorization_codes = sa.Table(
    "authorization_codes",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("session_id", _uuid, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text),
    sa.Column("code_challenge", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("expires_at", _time, nullable=False),
    sa.Column("used_at", _time),
    sa.Column("app_session_id", _uuid),
)

device_codes = sa.Table(
    "device_codes",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("user_code", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("expires_at", _time, nullable=False),
    sa.Column("interval_seconds", sa.Integer, nullable=False),
    sa.Column("polled_at", _time),
    sa.Column("decision", sa.Text),
    sa.Column("session_tenant_id", _uuid),
    sa.Column("session_id", _uuid),
    sa.Column("used_at", _time),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, primary_key=True),
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("given_at", _time, nullable=False),
)
