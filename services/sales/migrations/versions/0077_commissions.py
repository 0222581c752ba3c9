"""Quotas, commission plans, and statements that can be added to and never changed."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0077"
down_revision = "0076"

_TABLES = """
CREATE TABLE quotas (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    user_id uuid,
    team_id uuid,
    first_on date NOT NULL,
    last_on date NOT NULL,
    measure text COLLATE "C" NOT NULL,
    amount numeric(20, 4),
    currency text COLLATE "C",
    base_amount numeric(20, 4),
    base_currency text COLLATE "C",
    rate numeric(20, 10),
    valued_on date,
    deals integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT quotas_of_user_once UNIQUE (tenant_id, user_id, first_on, last_on, measure),
    CONSTRAINT quotas_of_team_once UNIQUE (tenant_id, team_id, first_on, last_on, measure)
);
CREATE INDEX quotas_created ON quotas (tenant_id, created_at, id);
CREATE INDEX quotas_of_period ON quotas (tenant_id, first_on, last_on, id);
CREATE TABLE commission_plans (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    currency text COLLATE "C" NOT NULL,
    frequency text COLLATE "C" NOT NULL,
    terms json NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    participants json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX commission_plans_created ON commission_plans (tenant_id, created_at, id);
CREATE TABLE commission_participants (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    user_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, plan_id, user_id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES commission_plans
);
CREATE INDEX commission_participants_of_user ON commission_participants (tenant_id, user_id);
CREATE TABLE commission_statements (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    plan_id uuid NOT NULL,
    user_id uuid NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    counted_from date,
    counted_until date,
    currency text COLLATE "C" NOT NULL,
    terms json NOT NULL,
    quota numeric(20, 4),
    credited numeric(20, 4) NOT NULL,
    corrected numeric(20, 4) NOT NULL,
    total numeric(20, 4) NOT NULL,
    closed_by text COLLATE "C" NOT NULL,
    closed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT commission_statements_once UNIQUE (tenant_id, plan_id, user_id, first_on),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES commission_plans
);
CREATE INDEX commission_statements_closed ON commission_statements (tenant_id, closed_at, id);
CREATE INDEX commission_statements_of_user
    ON commission_statements (tenant_id, user_id, closed_at, id);
CREATE TABLE commission_lines (
    tenant_id uuid NOT NULL,
    statement_id uuid NOT NULL,
    number integer NOT NULL,
    plan_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    source text COLLATE "C" NOT NULL,
    source_id uuid NOT NULL,
    category text COLLATE "C" NOT NULL,
    credited_on date NOT NULL,
    credited numeric(20, 4) NOT NULL,
    rate numeric(7, 4) NOT NULL,
    amount numeric(20, 4) NOT NULL,
    PRIMARY KEY (tenant_id, statement_id, number),
    FOREIGN KEY (tenant_id, statement_id) REFERENCES commission_statements
);
CREATE INDEX commission_lines_settled ON commission_lines (tenant_id, plan_id, user_id, first_on);
"""


def upgrade() -> None:
    """Create the tables of quotas and commissions."""
    op.execute(_TABLES)
    for table in ("quotas", "commission_plans", "commission_participants"):
        protect(table)
    for table in ("commission_statements", "commission_lines"):
        protect(table, may="SELECT, INSERT")
