"""By which rules leads find an owner, which one gave which lead to whom, and first contact."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0056"
down_revision = "0080"

_TABLES = """
CREATE TABLE assignment_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    position integer NOT NULL,
    method text COLLATE "C" NOT NULL,
    conditions json NOT NULL,
    user_ids json NOT NULL,
    most_open_leads integer,
    promise json,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX assignment_rules_tried ON assignment_rules (tenant_id, position, id);
CREATE INDEX assignment_rules_created ON assignment_rules (tenant_id, created_at, id);
CREATE TABLE assignment_turns (
    tenant_id uuid NOT NULL,
    assignment_rule_id uuid NOT NULL,
    user_id uuid NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (tenant_id, assignment_rule_id, user_id),
    FOREIGN KEY (tenant_id, assignment_rule_id) REFERENCES assignment_rules
);
CREATE TABLE lead_assignments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    lead_id uuid NOT NULL,
    assignment_rule_id uuid,
    territory_id uuid,
    owner_id uuid,
    previous_owner_id uuid,
    reason text COLLATE "C" NOT NULL,
    considered json NOT NULL,
    assigned_at timestamptz NOT NULL,
    contact_due_at timestamptz,
    missed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads
);
CREATE INDEX lead_assignments_of_lead ON lead_assignments (tenant_id, lead_id, assigned_at, id);
"""
_FIRST_CONTACT = """
ALTER TABLE leads
    ADD COLUMN first_contact_due_at timestamptz,
    ADD COLUMN first_contact_at timestamptz;
ALTER TABLE lead_touches ADD COLUMN outbound boolean NOT NULL DEFAULT false;
CREATE INDEX leads_open_of_owner ON leads (tenant_id, owner_id) WHERE state = 'open';
CREATE INDEX leads_contact_due ON leads (tenant_id, first_contact_due_at, id);
"""


def upgrade() -> None:
    """Create the tables, and have leads tell when they were first contacted."""
    op.execute(_TABLES)
    op.execute(_FIRST_CONTACT)
    for table in ("assignment_rules", "assignment_turns", "lead_assignments"):
        protect(table)
