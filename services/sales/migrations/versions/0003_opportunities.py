"""Pipelines, opportunities with their history, people on them, activities and playbooks."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0003"
down_revision = "0002"

_PIPELINES = """
CREATE TABLE pipelines (
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
CREATE INDEX pipelines_created ON pipelines (tenant_id, created_at, id);
CREATE TABLE pipeline_definitions (
    tenant_id uuid NOT NULL,
    pipeline_id uuid NOT NULL,
    number integer NOT NULL,
    definition json NOT NULL,
    defined_at timestamptz NOT NULL,
    defined_by text NOT NULL,
    PRIMARY KEY (tenant_id, pipeline_id, number),
    FOREIGN KEY (tenant_id, pipeline_id) REFERENCES pipelines
);
"""
_OPPORTUNITIES = """
CREATE TABLE opportunities (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    pipeline_id uuid NOT NULL,
    definition integer NOT NULL,
    stage text COLLATE "C" NOT NULL,
    probability smallint NOT NULL,
    state text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    person_id uuid,
    company_id uuid,
    owner_id uuid,
    amount numeric(20, 4),
    currency text COLLATE "C",
    base_amount numeric(20, 4),
    base_currency text COLLATE "C",
    rate numeric(20, 10),
    valued_on date,
    expected_close_on date,
    source text COLLATE "C" NOT NULL,
    description text NOT NULL,
    next_step text NOT NULL,
    competitors json NOT NULL,
    loss_reason text COLLATE "C",
    loss_note text,
    lost_to text,
    entry integer NOT NULL,
    entered_at timestamptz NOT NULL,
    overdue_since timestamptz,
    opened_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, pipeline_id, definition) REFERENCES pipeline_definitions
);
CREATE INDEX opportunities_board
    ON opportunities (tenant_id, pipeline_id, state, stage, entered_at DESC, id DESC)
    INCLUDE (owner_id, base_amount, probability, overdue_since);
CREATE INDEX opportunities_opened ON opportunities (tenant_id, opened_at, id);
CREATE INDEX opportunities_owned ON opportunities (tenant_id, owner_id, opened_at, id);
CREATE INDEX opportunities_of_person ON opportunities (tenant_id, person_id, opened_at, id);
CREATE INDEX opportunities_of_company ON opportunities (tenant_id, company_id, opened_at, id);
CREATE TABLE opportunity_entries (
    tenant_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    number integer NOT NULL,
    stage text COLLATE "C" NOT NULL,
    definition integer NOT NULL,
    entered_at timestamptz NOT NULL,
    left_at timestamptz,
    entered_by text NOT NULL,
    PRIMARY KEY (tenant_id, opportunity_id, number),
    FOREIGN KEY (tenant_id, opportunity_id) REFERENCES opportunities
);
CREATE TABLE involvements (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    opportunity_id uuid NOT NULL,
    person_id uuid NOT NULL,
    roles json NOT NULL,
    attitude text NOT NULL,
    influence smallint,
    note text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, opportunity_id) REFERENCES opportunities
);
CREATE INDEX involvements_of_opportunity
    ON involvements (tenant_id, opportunity_id, person_id, created_at);
CREATE INDEX involvements_of_person ON involvements (tenant_id, person_id);
"""
_ACTIVITIES = """
CREATE TABLE activities (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    description text NOT NULL,
    owner_id uuid,
    due_at timestamptz,
    remind_at timestamptz,
    reminded_at timestamptz,
    opportunity_id uuid,
    lead_id uuid,
    person_id uuid,
    company_id uuid,
    playbook_id uuid,
    playbook_step text COLLATE "C",
    playbook_entry integer,
    outcome text COLLATE "C",
    note text,
    minutes integer,
    completed_at timestamptz,
    completed_by text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX activities_created ON activities (tenant_id, created_at, id);
CREATE INDEX activities_owned ON activities (tenant_id, owner_id, created_at, id);
CREATE INDEX activities_to_do ON activities (tenant_id, state, due_at, owner_id);
CREATE INDEX activities_done ON activities (tenant_id, completed_at, owner_id);
CREATE INDEX activities_of_opportunity ON activities (tenant_id, opportunity_id, state, kind);
CREATE INDEX activities_of_lead ON activities (tenant_id, lead_id, created_at, id);
CREATE INDEX activities_of_person ON activities (tenant_id, person_id, created_at, id);
CREATE UNIQUE INDEX activities_once_an_entry
    ON activities (tenant_id, opportunity_id, playbook_id, playbook_step, playbook_entry)
    WHERE playbook_id IS NOT NULL;
CREATE TABLE playbooks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    pipeline_id uuid NOT NULL,
    stage text COLLATE "C" NOT NULL,
    name json NOT NULL,
    steps json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, pipeline_id) REFERENCES pipelines
);
CREATE INDEX playbooks_created ON playbooks (tenant_id, created_at, id);
CREATE INDEX playbooks_called_for ON playbooks (tenant_id, pipeline_id, stage);
"""


def upgrade() -> None:
    """Create the tables of opportunities and what surrounds them."""
    for tables in (_PIPELINES, _OPPORTUNITIES, _ACTIVITIES):
        op.execute(tables)
    protect("pipelines")
    # What held once stays: opportunities go by it.
    protect("pipeline_definitions", may="SELECT, INSERT")
    for table in (
        "opportunities",
        "opportunity_entries",
        "involvements",
        "activities",
        "playbooks",
    ):
        protect(table)
