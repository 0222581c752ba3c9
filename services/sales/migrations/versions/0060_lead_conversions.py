"""What leads have become, which opportunities have come of them, and who was erased."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0060"
down_revision = "0070"

_TABLES = """
ALTER TABLE leads ADD COLUMN erased_at timestamptz;
ALTER TABLE opportunities ADD COLUMN lead_id uuid;
CREATE INDEX opportunities_of_lead ON opportunities (tenant_id, lead_id)
    WHERE lead_id IS NOT NULL;
CREATE TABLE lead_conversions (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    opportunity_id uuid,
    person_found text COLLATE "C",
    company_found text COLLATE "C",
    source text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    landing_page text COLLATE "C" NOT NULL,
    variant text COLLATE "C" NOT NULL,
    credited_touch_at timestamptz NOT NULL,
    kept_back json NOT NULL,
    converted_at timestamptz NOT NULL,
    converted_by text NOT NULL,
    PRIMARY KEY (tenant_id, lead_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads
);
CREATE INDEX lead_conversions_at ON lead_conversions (tenant_id, converted_at, lead_id);
"""


def upgrade() -> None:
    """Keep conversions, and what they lead to."""
    op.execute(_TABLES)
    # What a lead has become stays as it was.
    protect("lead_conversions", may="SELECT, INSERT")
