"""What people did, the kinds of it, and when they were last seen."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0004"
down_revision = "0003"


_INTERACTIONS = """
CREATE TABLE interaction_kinds (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    label json NOT NULL,
    direction text NOT NULL,
    sign_of_life boolean NOT NULL,
    properties json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT interaction_kinds_key_unique UNIQUE (tenant_id, key)
);
CREATE TABLE interactions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    value_amount numeric,
    value_currency text,
    properties json NOT NULL,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX interactions_of ON interactions (tenant_id, person_id, occurred_at, id);
CREATE INDEX interactions_occurred ON interactions (tenant_id, occurred_at, id);
CREATE INDEX interactions_of_kind ON interactions (tenant_id, kind, occurred_at, id);
CREATE UNIQUE INDEX interactions_external_id_unique
    ON interactions (tenant_id, external_system, external_id)
    WHERE external_system IS NOT NULL;
CREATE TABLE signs_of_life (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    channel text COLLATE "C" NOT NULL,
    seen_at timestamptz NOT NULL,
    kind text NOT NULL,
    interaction_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, person_id, channel),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE people ADD COLUMN last_seen_at timestamptz;
CREATE INDEX people_seen
    ON people (tenant_id, coalesce(last_seen_at, timestamptz 'epoch'), id);
"""


def upgrade() -> None:
    """Create the tables of interactions."""
    op.execute(_INTERACTIONS)
    protect("interaction_kinds")
    protect("interactions", may="SELECT, INSERT")
    protect("signs_of_life")
