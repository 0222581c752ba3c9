"""Types of requests for approval, the requests, and who leads which team: whom a step waits for."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0072"
down_revision = "0081"

_TABLES = """
CREATE TABLE approval_types (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    fields json NOT NULL,
    steps json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT approval_types_key_unique UNIQUE (tenant_id, key)
);
CREATE TABLE approval_requests (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    approval_type_id uuid NOT NULL,
    type_key text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    requester_id uuid NOT NULL,
    opportunity_id uuid,
    amount numeric(20, 4),
    currency text COLLATE "C",
    answers json NOT NULL,
    steps json NOT NULL,
    history json NOT NULL,
    awaited_role_id uuid,
    awaited_user_id uuid,
    deputy_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, approval_type_id) REFERENCES approval_types
);
CREATE INDEX approval_requests_created ON approval_requests (tenant_id, created_at, id);
CREATE INDEX approval_requests_asked
    ON approval_requests (tenant_id, requester_id, created_at, id);
CREATE INDEX approval_requests_of_role ON approval_requests (tenant_id, awaited_role_id)
    WHERE awaited_role_id IS NOT NULL;
CREATE INDEX approval_requests_of_user ON approval_requests (tenant_id, awaited_user_id)
    WHERE awaited_user_id IS NOT NULL;
CREATE INDEX approval_requests_of_deputy ON approval_requests (tenant_id, deputy_id)
    WHERE deputy_id IS NOT NULL;
CREATE TABLE team_managers (
    tenant_id uuid NOT NULL,
    team_id uuid NOT NULL,
    version bigint NOT NULL,
    parent_team_id uuid,
    manager_id uuid,
    PRIMARY KEY (tenant_id, team_id)
);
"""


def upgrade() -> None:
    """Create the tables of requests for approval."""
    op.execute(_TABLES)
    for table in ("approval_types", "approval_requests", "team_managers"):
        protect(table)
