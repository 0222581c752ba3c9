"""What opportunities are told apart by, and what analytics count: tables kept by facts (SA-15)."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0080"
down_revision = "0065"

# The version before writes opportunities without these, so each has a default.
_OPPORTUNITIES = """
ALTER TABLE opportunities
    ADD COLUMN channel text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN branch text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN industry text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN product_ids uuid[] NOT NULL DEFAULT '{}';
"""
_TABLES = """
CREATE TABLE counted_opportunities (
    tenant_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    version bigint NOT NULL,
    pipeline_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    owner_id uuid,
    base_amount numeric(20, 4),
    source text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    industry text COLLATE "C" NOT NULL,
    product_ids uuid[] NOT NULL,
    loss_reason text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (tenant_id, opportunity_id)
);
CREATE INDEX counted_opportunities_opened ON counted_opportunities (tenant_id, opened_at);
CREATE INDEX counted_opportunities_closed ON counted_opportunities (tenant_id, closed_at);
CREATE TABLE counted_entries (
    tenant_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    number integer NOT NULL,
    stage text COLLATE "C" NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, opportunity_id, number)
);
CREATE TABLE counted_activities (
    tenant_id uuid NOT NULL,
    activity_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    opportunity_id uuid,
    lead_id uuid,
    owner_id uuid,
    outcome text COLLATE "C" NOT NULL,
    minutes integer NOT NULL,
    completed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, activity_id)
);
CREATE INDEX counted_activities_of ON counted_activities (tenant_id, opportunity_id);
CREATE TABLE counted_leads (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    version bigint NOT NULL,
    owner_id uuid,
    source text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    captured_at timestamptz,
    contacted_at timestamptz,
    converted_at timestamptz,
    credited_source text COLLATE "C" NOT NULL,
    credited_campaign text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
);
CREATE INDEX counted_leads_captured ON counted_leads (tenant_id, captured_at);
"""
# Facts of longer ago than the stream holds: what they said is in the tables of the records.
_COUNT_WHAT_THERE_IS = """
INSERT INTO counted_opportunities
SELECT tenant_id, id, version, pipeline_id, state, owner_id, base_amount, source, channel, branch,
    industry, product_ids, coalesce(loss_reason, ''), opened_at, closed_at
FROM opportunities;
INSERT INTO counted_entries
SELECT tenant_id, opportunity_id, number, stage, entered_at FROM opportunity_entries;
INSERT INTO counted_activities
SELECT tenant_id, id, kind, opportunity_id, lead_id, owner_id, coalesce(outcome, ''),
    coalesce(minutes, 0), completed_at
FROM activities WHERE state = 'done';
INSERT INTO counted_leads
SELECT tenant_id, id, version, owner_id, source, campaign, captured_at, NULL, NULL, '', ''
FROM leads;
"""


def upgrade() -> None:
    """Add the words of opportunities, make the tables, and count what there is."""
    for statements in (_OPPORTUNITIES, _TABLES, _COUNT_WHAT_THERE_IS):
        op.execute(statements)
    for table in (
        "counted_opportunities",
        "counted_entries",
        "counted_activities",
        "counted_leads",
    ):
        protect(table)
