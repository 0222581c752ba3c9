"""Second factors: what users have, their recovery codes, what is under way, and who requires one (ID-7)."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0010"
down_revision = "0008"

# The requirement has a column of its own: the version before reads all of `policy`, and knows
# nothing of it. Sessions from before were begun with the password alone.
_COLUMNS = """
ALTER TABLE tenants ADD COLUMN require_second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE sessions ADD COLUMN methods text NOT NULL DEFAULT 'pwd';
"""

_FACTORS = """
CREATE TABLE factors (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    sealed bytea,
    last_step bigint,
    credential_id bytea,
    public_key bytea,
    sign_count bigint,
    synced boolean,
    CONSTRAINT factors_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT factors_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    CONSTRAINT factors_whole CHECK (
        (kind = 'totp' AND sealed IS NOT NULL AND credential_id IS NULL)
        OR (kind = 'passkey' AND sealed IS NULL AND credential_id IS NOT NULL
            AND public_key IS NOT NULL AND sign_count IS NOT NULL AND synced IS NOT NULL)
    )
);
CREATE INDEX factors_by_user ON factors (tenant_id, user_id);
CREATE UNIQUE INDEX factors_credential ON factors (tenant_id, credential_id);

CREATE TABLE recovery_codes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT recovery_codes_user
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (tenant_id, user_id);

CREATE TABLE ceremonies (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    challenge bytea NOT NULL,
    sealed bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT ceremonies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT ceremonies_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ceremonies_by_user ON ceremonies (tenant_id, user_id);
CREATE INDEX ceremonies_age ON ceremonies (expires_at);
"""


def upgrade() -> None:
    """Create the tables, and say which login may do what."""
    op.execute(_COLUMNS)
    op.execute(_FACTORS)
    for table in ("factors", "recovery_codes"):
        protect(table)
    protect("ceremonies", may="SELECT, INSERT, UPDATE, DELETE")
    # What is sealed is sealed anew when the secret changes.
    open_to_system("factors", may="SELECT (tenant_id, id, user_id, sealed), UPDATE (sealed)")
    open_to_system("ceremonies", may="SELECT, DELETE")
