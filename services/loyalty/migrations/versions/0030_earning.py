"""Rules by which people earn points, each version with its time, and what they gave and why."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0030"
down_revision = "0052"

_TABLES = """
CREATE TABLE earning_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    trigger text COLLATE "C" NOT NULL,
    terms json NOT NULL,
    number integer NOT NULL,
    changed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, program_id) REFERENCES programs
);
CREATE INDEX earning_rules_created ON earning_rules (tenant_id, created_at, id);
CREATE INDEX earning_rules_named ON earning_rules (tenant_id, name, id);
CREATE INDEX earning_rules_of_program ON earning_rules (tenant_id, program_id, created_at, id);
CREATE TABLE earning_rule_versions (
    tenant_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    number integer NOT NULL,
    program_id uuid NOT NULL,
    trigger text COLLATE "C" NOT NULL,
    terms json NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    PRIMARY KEY (tenant_id, rule_id, number),
    FOREIGN KEY (tenant_id, rule_id) REFERENCES earning_rules
);
CREATE UNIQUE INDEX earning_rule_versions_one_in_force
    ON earning_rule_versions (tenant_id, rule_id) WHERE valid_until IS NULL;
CREATE INDEX earning_rule_versions_in_time
    ON earning_rule_versions (tenant_id, trigger, valid_from);
CREATE TABLE earnings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    number integer NOT NULL,
    happening_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    order_id uuid,
    reference text COLLATE "C" NOT NULL,
    happened_at timestamptz NOT NULL,
    judged_at timestamptz NOT NULL,
    counted_on date NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    base_amount numeric(20, 4),
    currency text COLLATE "C",
    computed bigint NOT NULL,
    points bigint NOT NULL,
    taken_back bigint NOT NULL DEFAULT 0,
    counts_from timestamptz,
    shares json NOT NULL,
    cuts json NOT NULL,
    review_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT earnings_once UNIQUE (tenant_id, rule_id, happening_id),
    CONSTRAINT earnings_taken_back CHECK (taken_back BETWEEN 0 AND points)
);
CREATE INDEX earnings_of_member ON earnings (tenant_id, member_id, happened_at, id);
CREATE INDEX earnings_of_order ON earnings (tenant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX earnings_counted ON earnings (tenant_id, rule_id, member_id, counted_on);
CREATE INDEX earnings_of_review ON earnings (tenant_id, review_id) WHERE review_id IS NOT NULL;
"""


def upgrade() -> None:
    """Create the tables of rules, of their versions, and of what was judged by them."""
    op.execute(_TABLES)
    protect("earning_rules")
    # What was in force stays as it was; only its end is noted.
    protect("earning_rule_versions", may="SELECT, INSERT, UPDATE (valid_until)")
    protect("earnings", may="SELECT, INSERT, UPDATE")
