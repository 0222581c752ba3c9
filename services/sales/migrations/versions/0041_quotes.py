"""Quotes with the versions that went to customers, their numbers, and who has to approve which."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0041"
down_revision = "0040"

_TABLES = """
CREATE TABLE quote_approval_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    over_percent numeric(7, 4) NOT NULL,
    role_id uuid,
    user_id uuid,
    deputy_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX quote_approval_rules_created ON quote_approval_rules (tenant_id, created_at, id);
CREATE TABLE quotes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    number text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    status text COLLATE "C" NOT NULL,
    person_id uuid,
    company_id uuid,
    owner_id uuid,
    opportunity_id uuid,
    currency text COLLATE "C" NOT NULL,
    discount numeric(20, 4) NOT NULL,
    total numeric(20, 4) NOT NULL,
    valid_until date NOT NULL,
    conditions text NOT NULL,
    items json NOT NULL,
    offer json NOT NULL,
    approvals json NOT NULL,
    submitted_by uuid,
    answer text NOT NULL,
    order_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    sent_at timestamptz,
    answered_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT quotes_number_unique UNIQUE (tenant_id, number)
);
CREATE INDEX quotes_created ON quotes (tenant_id, created_at, id);
CREATE INDEX quotes_owned ON quotes (tenant_id, owner_id, created_at, id);
CREATE INDEX quotes_of_person ON quotes (tenant_id, person_id, created_at, id);
CREATE INDEX quotes_of_company ON quotes (tenant_id, company_id, created_at, id);
CREATE INDEX quotes_of_opportunity ON quotes (tenant_id, opportunity_id, created_at, id);
CREATE TABLE quote_numbers (
    tenant_id uuid NOT NULL,
    year integer NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (tenant_id, year)
);
CREATE TABLE quote_versions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    quote_id uuid NOT NULL,
    revision integer NOT NULL,
    person_id uuid,
    currency text COLLATE "C" NOT NULL,
    total numeric(20, 4) NOT NULL,
    valid_until date NOT NULL,
    conditions text NOT NULL,
    offer json NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT quote_versions_once UNIQUE (tenant_id, quote_id, revision),
    FOREIGN KEY (tenant_id, quote_id) REFERENCES quotes
);
CREATE INDEX quote_versions_of_person ON quote_versions (tenant_id, person_id);
"""


def upgrade() -> None:
    """Create the tables of quotes."""
    op.execute(_TABLES)
    for table in ("quote_approval_rules", "quotes", "quote_numbers", "quote_versions"):
        protect(table)
