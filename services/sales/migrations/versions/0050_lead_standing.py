"""How leads stand: score, qualification and freshness, by rules of the tenant; who was asked what."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0050"
down_revision = "0075"

# The version before writes leads without these, so each has a default.
_LEADS = """
ALTER TABLE leads
    ADD COLUMN score integer NOT NULL DEFAULT 0,
    ADD COLUMN qualification text COLLATE "C" NOT NULL DEFAULT 'pending',
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_by text,
    ADD COLUMN decision_framework_id uuid,
    ADD COLUMN decision_reason text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN decision_note text NOT NULL DEFAULT '',
    ADD COLUMN freshness text COLLATE "C" NOT NULL DEFAULT 'hot',
    ADD COLUMN fresh_since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN stale_at timestamptz,
    ADD COLUMN recycled integer NOT NULL DEFAULT 0,
    ADD COLUMN claimed_at timestamptz;
UPDATE leads SET fresh_since = last_touch_at;
CREATE INDEX leads_scored ON leads (tenant_id, state, score, id);
CREATE INDEX leads_fresh ON leads (tenant_id, state, freshness, captured_at, id);
CREATE INDEX leads_going_stale ON leads (tenant_id, state, stale_at, id);
CREATE INDEX leads_pooled ON leads (tenant_id, score, id)
    WHERE owner_id IS NULL AND state = 'open';
"""
_TABLES = """
CREATE TABLE qualification_frameworks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    number integer NOT NULL,
    definition json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX qualification_frameworks_created
    ON qualification_frameworks (tenant_id, created_at, id);
CREATE TABLE qualification_definitions (
    tenant_id uuid NOT NULL,
    framework_id uuid NOT NULL,
    number integer NOT NULL,
    definition json NOT NULL,
    defined_at timestamptz NOT NULL,
    defined_by text NOT NULL,
    PRIMARY KEY (tenant_id, framework_id, number),
    FOREIGN KEY (tenant_id, framework_id) REFERENCES qualification_frameworks
);
CREATE TABLE lead_assessments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    lead_id uuid NOT NULL,
    framework_id uuid NOT NULL,
    number integer NOT NULL,
    answers json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT lead_assessments_unique UNIQUE (tenant_id, lead_id, framework_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads,
    FOREIGN KEY (tenant_id, framework_id, number) REFERENCES qualification_definitions
);
CREATE INDEX lead_assessments_by_framework ON lead_assessments (tenant_id, framework_id, number);
CREATE TABLE scoring_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    definition json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX scoring_rules_created ON scoring_rules (tenant_id, created_at, id);
CREATE TABLE lead_freshness_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    limits json NOT NULL,
    rules json NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
"""
# Leads that are there already get their age, and the timer for what comes of it.
_REVIEWS = """
INSERT INTO timers (tenant_id, kind, key, due_at, data)
SELECT DISTINCT tenant_id, 'leads_review', 'all', now(), '{}'::jsonb FROM leads
"""


def upgrade() -> None:
    """Let leads stand somewhere, and keep the rules and the answers by which they do."""
    op.execute(_LEADS)
    op.execute(_TABLES)
    for table in (
        "qualification_frameworks",
        "qualification_definitions",
        "lead_assessments",
        "scoring_rules",
        "lead_freshness_settings",
    ):
        protect(table)
    op.execute(_REVIEWS)
