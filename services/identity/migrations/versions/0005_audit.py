"""The audit log: entries that are only ever added, and the head of each tenant's chain."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0005"
down_revision = "0004"

_TABLES = """
CREATE TABLE audit_entries (
    tenant_id uuid NOT NULL,
    number bigint NOT NULL,
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    client_id text,
    session_id uuid,
    address text,
    service text NOT NULL,
    action text NOT NULL,
    record_kind text,
    record_id uuid NOT NULL,
    record_version bigint NOT NULL,
    trace_id text,
    cause uuid,
    details text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, number),
    CONSTRAINT audit_entries_once UNIQUE (tenant_id, id),
    CONSTRAINT audit_entries_counted CHECK (number > 0),
    CONSTRAINT audit_entries_hashed
        CHECK (octet_length(previous_hash) = 32 AND octet_length(hash) = 32)
);
-- The latest come first in every list, so each index has the time, and the number to break ties.
CREATE INDEX audit_entries_by_time ON audit_entries (tenant_id, occurred_at, number);
CREATE INDEX audit_entries_by_actor ON audit_entries (tenant_id, actor, occurred_at, number);
CREATE INDEX audit_entries_by_action ON audit_entries (tenant_id, action, occurred_at, number);
CREATE INDEX audit_entries_by_service ON audit_entries (tenant_id, service, occurred_at, number);
CREATE INDEX audit_entries_by_record ON audit_entries (tenant_id, record_id, occurred_at, number);
CREATE INDEX audit_entries_by_client ON audit_entries (tenant_id, client_id, occurred_at, number)
    WHERE client_id IS NOT NULL;
CREATE INDEX audit_entries_by_session ON audit_entries (tenant_id, session_id, occurred_at, number)
    WHERE session_id IS NOT NULL;
CREATE INDEX audit_entries_by_address ON audit_entries (tenant_id, address, occurred_at, number)
    WHERE address IS NOT NULL;

CREATE TABLE audit_heads (
    tenant_id uuid PRIMARY KEY,
    number bigint NOT NULL,
    hash bytea NOT NULL
);
"""

# Whoever may change the tables' structure can take this away, and leaves a chain that is broken.
_GUARDS = """
CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit log are neither changed nor removed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
CREATE FUNCTION audit_heads_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tenant_id <> OLD.tenant_id OR NEW.number <= OLD.number THEN
        RAISE EXCEPTION 'the head of the audit log only ever advances'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_heads_advance BEFORE UPDATE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION audit_heads_advance();
"""


def upgrade() -> None:
    """Create the tables, and let nobody change what is in them."""
    op.execute(_TABLES)
    op.execute(_GUARDS)
    protect("audit_entries", may="SELECT, INSERT")
    protect("audit_heads", may="SELECT, INSERT, UPDATE")
    open_to_system("audit_heads", may="SELECT")
