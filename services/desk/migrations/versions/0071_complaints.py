"""Complaints with their causes, and what they have in common."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0071"
down_revision = "0006"

_COMPLAINTS = """
CREATE TABLE complaint_causes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT complaint_causes_key_unique UNIQUE (tenant_id, key)
);
CREATE TABLE complaints (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    status text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    product_sku text COLLATE "C" NOT NULL,
    process text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    remedy text COLLATE "C" NOT NULL,
    remedy_text text COLLATE "C" NOT NULL,
    cost_amount numeric(22, 4),
    cost_currency text COLLATE "C" NOT NULL,
    prevention_action text COLLATE "C" NOT NULL,
    prevention_owner_id uuid,
    prevention_due_on date,
    opened_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text COLLATE "C" NOT NULL,
    withdrawn_reason text COLLATE "C" NOT NULL,
    prevented_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT complaints_ticket_unique UNIQUE (tenant_id, ticket_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX complaints_opened ON complaints (tenant_id, opened_at, id);
CREATE INDEX complaints_updated ON complaints (tenant_id, updated_at, id);
CREATE INDEX complaints_of_product ON complaints (tenant_id, product_sku, opened_at);
CREATE INDEX complaints_of_cause ON complaints (tenant_id, cause, opened_at);
CREATE INDEX complaints_of_process ON complaints (tenant_id, process, opened_at);
CREATE INDEX complaints_to_prevent ON complaints (tenant_id, prevention_owner_id, opened_at, id);
"""
_PATTERNS = """
CREATE TABLE complaint_patterns (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    dimension text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    repeated_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT complaint_patterns_once UNIQUE (tenant_id, dimension, value)
);
CREATE TABLE complaint_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    threshold integer NOT NULL,
    days integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
"""


def upgrade() -> None:
    """Create the tables of complaints."""
    op.execute(_COMPLAINTS)
    op.execute(_PATTERNS)
    for table in ("complaint_causes", "complaints", "complaint_patterns", "complaint_settings"):
        protect(table)
