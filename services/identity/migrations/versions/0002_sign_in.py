"""Signing keys, passwords, sessions, and what the OAuth protocol has to remember."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import give_to_system, open_to_system, protect

revision = "0002"
down_revision = "0001"

_KEYS = """
CREATE TABLE signing_keys (
    kid text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    public_jwk jsonb NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);
"""

_PASSWORDS = """
CREATE TABLE passwords (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    hash text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT passwords_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT passwords_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE TABLE password_resets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT password_resets_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT password_resets_user
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX password_resets_by_user ON password_resets (tenant_id, user_id);
CREATE INDEX password_resets_age ON password_resets (expires_at);
CREATE TABLE reset_requests (
    id bigint GENERATED ALWAYS AS IDENTITY,
    email text NOT NULL,
    language text NOT NULL,
    requested_at timestamptz NOT NULL,
    CONSTRAINT reset_requests_pkey PRIMARY KEY (id)
);
CREATE TABLE sign_in_failures (
    key bytea NOT NULL,
    level double precision NOT NULL,
    at timestamptz NOT NULL,
    wait_until timestamptz NOT NULL,
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_failures_age ON sign_in_failures (at);
"""

_SESSIONS = """
CREATE TABLE sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    client_id text COLLATE "C",
    parent_id uuid,
    device text NOT NULL,
    address text NOT NULL,
    scope text NOT NULL,
    digest bytea,
    authenticated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle interval NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text COLLATE "C",
    CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT sessions_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    CONSTRAINT sessions_end_whole CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_parent ON sessions (tenant_id, parent_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_age ON sessions (expires_at);
CREATE TABLE refresh_tokens (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    digest bytea NOT NULL,
    issued_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT refresh_tokens_session
        FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id);
"""

_PROTOCOL = """
CREATE TABLE authorization_codes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    session_id uuid NOT NULL,
    redirect_uri text NOT NULL,
    scope text NOT NULL,
    nonce text,
    code_challenge text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    app_session_id uuid,
    CONSTRAINT authorization_codes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT authorization_codes_session
        FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX authorization_codes_by_session ON authorization_codes (tenant_id, session_id);
CREATE INDEX authorization_codes_age ON authorization_codes (expires_at);
CREATE TABLE device_codes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    user_code text COLLATE "C" NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    scope text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    interval_seconds integer NOT NULL,
    polled_at timestamptz,
    decision text COLLATE "C",
    session_id uuid,
    used_at timestamptz,
    CONSTRAINT device_codes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT device_codes_session
        FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
-- A code is typed in before it is known which tenant it belongs to.
CREATE UNIQUE INDEX device_codes_user_code ON device_codes (user_code);
CREATE INDEX device_codes_by_session ON device_codes (tenant_id, session_id);
CREATE INDEX device_codes_age ON device_codes (expires_at);
CREATE TABLE consents (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    scope text NOT NULL,
    given_at timestamptz NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (tenant_id, user_id, client_id),
    CONSTRAINT consents_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
"""


def upgrade() -> None:
    """Create the tables, and say which login may do what."""
    for statements in (_KEYS, _PASSWORDS, _SESSIONS, _PROTOCOL):
        op.execute(statements)
    for table in ("signing_keys", "reset_requests", "sign_in_failures"):
        give_to_system(table, may="SELECT, INSERT, UPDATE, DELETE")
    protect("passwords", may="SELECT, INSERT, UPDATE, DELETE")
    protect("consents")
    protect("refresh_tokens", may="SELECT, INSERT, UPDATE")
    open_to_system("refresh_tokens", may="SELECT, DELETE")
    for table in ("password_resets", "sessions", "authorization_codes", "device_codes"):
        protect(table, may="SELECT, INSERT, UPDATE")
        open_to_system(table, may="SELECT, DELETE")
