"""Limits on how much may be done within how long, what was done, and what went beyond them."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0031"
down_revision = "0030"

_TABLES = """
CREATE TABLE velocity_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    act text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    most bigint NOT NULL,
    window_minutes integer NOT NULL,
    response text COLLATE "C" NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, program_id) REFERENCES programs
);
CREATE INDEX velocity_rules_created ON velocity_rules (tenant_id, created_at, id);
CREATE INDEX velocity_rules_of_act ON velocity_rules (tenant_id, program_id, act) WHERE active;
CREATE TABLE velocity_acts (
    tenant_id uuid NOT NULL,
    program_id uuid NOT NULL,
    act text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    points bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, program_id, act, scope, subject, key)
);
CREATE INDEX velocity_acts_in_time ON velocity_acts (tenant_id, program_id, act, scope, subject, at);
CREATE TABLE velocity_reviews (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    rule_id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid,
    act text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    points bigint NOT NULL,
    measured bigint NOT NULL,
    most bigint NOT NULL,
    response text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    decided_by text COLLATE "C",
    decided_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT velocity_reviews_once UNIQUE (tenant_id, rule_id, act, key)
);
CREATE INDEX velocity_reviews_created ON velocity_reviews (tenant_id, created_at, id);
CREATE INDEX velocity_reviews_of_status ON velocity_reviews (tenant_id, status, created_at, id);
CREATE INDEX velocity_reviews_of_member ON velocity_reviews (tenant_id, member_id, created_at, id);
CREATE INDEX velocity_reviews_of_act ON velocity_reviews (tenant_id, act, key);
"""


def upgrade() -> None:
    """Create the tables of limits, of acts and of reviews."""
    op.execute(_TABLES)
    for table in ("velocity_rules", "velocity_acts", "velocity_reviews"):
        protect(table)
