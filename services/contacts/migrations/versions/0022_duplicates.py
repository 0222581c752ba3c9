"""Which people may be one, what was decided about them, and from what likelihood on (CO-8)."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0022"
down_revision = "0021"

# No foreign key to people: who is gone into another one is named by the pair that tells so.
_PAIRS = """
CREATE TABLE duplicate_pairs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    first_id uuid NOT NULL,
    second_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    probability double precision NOT NULL,
    bits double precision NOT NULL,
    evidence json NOT NULL,
    swapped boolean NOT NULL,
    automatic boolean NOT NULL,
    found_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    dismissed_bits double precision,
    merge_id uuid,
    inherited_from uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT duplicate_pairs_unique UNIQUE (tenant_id, first_id, second_id),
    CONSTRAINT duplicate_pairs_order CHECK (first_id < second_id)
);
CREATE INDEX duplicate_pairs_of_second ON duplicate_pairs (tenant_id, second_id);
CREATE INDEX duplicate_pairs_likeliest ON duplicate_pairs (tenant_id, state, probability, id);
CREATE INDEX duplicate_pairs_found ON duplicate_pairs (tenant_id, found_at, id);
CREATE INDEX duplicate_pairs_inherited ON duplicate_pairs (tenant_id, inherited_from)
    WHERE inherited_from IS NOT NULL;
"""
_SETTINGS = """
CREATE TABLE duplicate_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    offer_from double precision NOT NULL,
    merge_from double precision,
    PRIMARY KEY (tenant_id, id)
);
"""


def upgrade() -> None:
    """Create the tables of pairs and of the tenant's settings."""
    op.execute(_PAIRS)
    op.execute(_SETTINGS)
    protect("duplicate_pairs")
    protect("duplicate_settings", may="SELECT, INSERT, UPDATE")
