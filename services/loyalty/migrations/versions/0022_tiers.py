"""Tiers of programs, who is in which, and how it came."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0022"
down_revision = "0062"

_TABLES = """
CREATE TABLE tier_schemes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    revision integer NOT NULL,
    terms json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES programs
);
CREATE TABLE tier_revisions (
    tenant_id uuid NOT NULL,
    program_id uuid NOT NULL,
    revision integer NOT NULL,
    terms json NOT NULL,
    valid_from timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (tenant_id, program_id, revision)
);
CREATE TABLE tier_standings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    tier text COLLATE "C",
    since timestamptz,
    earned text COLLATE "C",
    reached_at timestamptz,
    at_risk_since timestamptz,
    loses_at timestamptz,
    enough_until timestamptz,
    "grant" json,
    revision integer NOT NULL,
    holds numeric(24, 4) NOT NULL,
    reviewed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES members
);
CREATE INDEX tier_standings_of_program ON tier_standings (tenant_id, program_id, tier, id);
CREATE TABLE tier_moves (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    before text COLLATE "C",
    after text COLLATE "C",
    cause text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    explanation json NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tier_moves_of_member ON tier_moves (tenant_id, member_id, at, id);
"""


def upgrade() -> None:
    """Create the tables of tiers."""
    op.execute(_TABLES)
    for table in ("tier_schemes", "tier_standings"):
        protect(table)
    for table in ("tier_revisions", "tier_moves"):
        protect(table, may="SELECT, INSERT")
