"""Messages, who sends them, and what decides whether and when they are sent."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0003"
down_revision = "0002"

_MESSAGES = """
CREATE TABLE messages (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid,
    user_id uuid,
    contact_point_id text NOT NULL,
    address bytea,
    fingerprint bytea,
    channel text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    template text COLLATE "C" NOT NULL,
    variables json NOT NULL,
    content json,
    send_at timestamptz,
    local_time text,
    expires_at timestamptz,
    digest json,
    cause text COLLATE "C" NOT NULL,
    request_id text COLLATE "C",
    resend_of uuid,
    digested_into uuid,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    due_at timestamptz,
    attempts integer NOT NULL,
    failures integer NOT NULL,
    provider_id uuid,
    provider_reference text COLLATE "C",
    language text NOT NULL,
    sent_at timestamptz,
    ended_at timestamptz,
    opened_at timestamptz,
    blanked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_request_unique UNIQUE (tenant_id, request_id),
    CHECK (person_id IS NULL OR user_id IS NULL)
);
CREATE INDEX messages_listed ON messages (tenant_id, created_at, id);
CREATE INDEX messages_of_person ON messages (tenant_id, person_id, created_at);
CREATE INDEX messages_by_state ON messages (tenant_id, state, created_at);
CREATE INDEX messages_by_template ON messages (tenant_id, template, created_at);
CREATE INDEX messages_by_cause ON messages (tenant_id, cause, created_at) WHERE cause <> '';
CREATE INDEX messages_by_reference ON messages (tenant_id, provider_id, provider_reference)
    WHERE provider_reference IS NOT NULL;
CREATE INDEX messages_to_blank ON messages (ended_at) WHERE blanked_at IS NULL;
CREATE INDEX messages_digested ON messages (tenant_id, digested_into)
    WHERE digested_into IS NOT NULL;
CREATE TABLE message_bodies (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    language text NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
);
CREATE TABLE message_queue (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    lane smallint NOT NULL,
    due_at timestamptz NOT NULL,
    lease_id uuid,
    lease_until timestamptz,
    PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX message_queue_turn ON message_queue (lane, tenant_id, due_at);
CREATE TABLE message_attempts (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    number integer NOT NULL,
    provider_id uuid NOT NULL,
    provider_kind text NOT NULL,
    idempotency_key text NOT NULL,
    deduplicates boolean NOT NULL,
    phase text NOT NULL,
    outcome text,
    detail text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, message_id, number)
);
CREATE TABLE message_clicks (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    link bytea NOT NULL,
    clicked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, message_id, link)
);
CREATE TABLE message_moves (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    kind text NOT NULL,
    record_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, kind, record_id)
);
CREATE TABLE purposes (
    tenant_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    promotional boolean NOT NULL,
    archived boolean NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE TABLE known_recipients (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    channel text COLLATE "C" NOT NULL,
    contact_point_id text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id, channel, contact_point_id)
);
CREATE INDEX known_recipients_age ON known_recipients (known_at);
"""

_PROVIDERS = """
CREATE TABLE providers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    enabled boolean NOT NULL,
    settings json NOT NULL,
    secrets bytea NOT NULL,
    per_second double precision,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    removed_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX providers_of_channel ON providers (tenant_id, channel, position)
    WHERE removed_at IS NULL;
CREATE TABLE provider_paces (
    tenant_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    next_turn_at timestamptz,
    paused_until timestamptz,
    failures integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, provider_id)
);
CREATE TABLE letters (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    language text NOT NULL,
    written_at timestamptz NOT NULL,
    batch_id uuid,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX letters_waiting ON letters (tenant_id, written_at)
    WHERE batch_id IS NULL;
CREATE INDEX letters_of_batch ON letters (tenant_id, batch_id) WHERE batch_id IS NOT NULL;
"""

_PERMISSION = """
CREATE TABLE suppressions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    channel text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    person_id uuid,
    fingerprint bytea,
    address_hint text NOT NULL,
    everything boolean NOT NULL,
    reason text NOT NULL,
    message_id uuid,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK (person_id IS NOT NULL OR fingerprint IS NOT NULL)
);
CREATE INDEX suppressions_of_address ON suppressions (tenant_id, fingerprint);
CREATE INDEX suppressions_of_person ON suppressions (tenant_id, person_id);
CREATE INDEX suppressions_listed ON suppressions (tenant_id, created_at, id);
CREATE TABLE delivery_policies (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    channel text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    rules json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT delivery_policies_unique UNIQUE (tenant_id, channel, purpose)
);
CREATE TABLE cap_uses (
    tenant_id uuid NOT NULL,
    recipient uuid NOT NULL,
    channel text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    used_at timestamptz NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, recipient, channel, purpose, used_at, message_id)
);
CREATE INDEX cap_uses_of_message ON cap_uses (tenant_id, message_id);
CREATE INDEX cap_uses_age ON cap_uses (used_at);
"""

_TABLES = """
messages message_queue message_bodies message_attempts message_clicks message_moves purposes
known_recipients providers provider_paces letters suppressions delivery_policies cap_uses
""".split()


def upgrade() -> None:
    """Create the tables of messages."""
    for statements in (_MESSAGES, _PROVIDERS, _PERMISSION):
        op.execute(statements)
    for table in _TABLES:
        protect(table)
    # Whose turn it is is found across tenants; what the message says is nobody's business there.
    open_to_system("message_queue", may="SELECT, UPDATE (lease_id, lease_until)")
    open_to_system("message_bodies", may="SELECT (tenant_id, message_id), DELETE")
    open_to_system("known_recipients", may="SELECT (known_at), DELETE")
    open_to_system("cap_uses", may="SELECT (used_at), DELETE")
    open_to_system(
        "messages",
        may="SELECT (tenant_id, id, ended_at, blanked_at),"
        " UPDATE (variables, content, address, blanked_at)",
    )
