"""What people are written to for, and what they have said about it."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0010"
down_revision = "0009"


_CONSENTS = """
CREATE TABLE purposes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    description json NOT NULL,
    kind text NOT NULL,
    channels json NOT NULL,
    double_opt_in boolean NOT NULL,
    legal_basis text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT purposes_key_unique UNIQUE (tenant_id, key)
);
CREATE TABLE consents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    state text NOT NULL,
    legal_basis text NOT NULL,
    source text NOT NULL,
    proof text NOT NULL,
    said_at timestamptz,
    granted_at timestamptz,
    confirmed_at timestamptz,
    withdrawn_at timestamptz,
    round integer NOT NULL,
    asked_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT consents_unique UNIQUE (tenant_id, person_id, purpose, channel),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX consents_updated ON consents (tenant_id, updated_at, id);
CREATE INDEX consents_about ON consents (tenant_id, purpose, channel, updated_at, id);
CREATE TABLE consent_sayings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    word text NOT NULL,
    legal_basis text NOT NULL,
    source text NOT NULL,
    proof text NOT NULL,
    said_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    counted boolean NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX consent_sayings_of
    ON consent_sayings (tenant_id, person_id, purpose, channel, recorded_at, id);
"""


def upgrade() -> None:
    """Create the tables of consents."""
    op.execute(_CONSENTS)
    protect("purposes")
    protect("consents")
    # The history is only added to; it follows its person through merges, and goes with the person.
    protect("consent_sayings", may="SELECT, INSERT")
    op.execute('GRANT UPDATE (person_id) ON consent_sayings TO "contacts_runtime"')
