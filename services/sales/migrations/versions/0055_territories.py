"""Territories, who is away, who may sign in, and whose companies are: what assignment looks at."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0055"
down_revision = "0041"

_TABLES = """
CREATE TABLE territories (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    criteria json NOT NULL,
    user_ids json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX territories_created ON territories (tenant_id, created_at, id);
CREATE TABLE absences (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX absences_first_day ON absences (tenant_id, first_day, id);
CREATE INDEX absences_of_user ON absences (tenant_id, user_id, last_day);
CREATE TABLE colleagues (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE TABLE company_owners (
    tenant_id uuid NOT NULL,
    company_id uuid NOT NULL,
    version bigint NOT NULL,
    owner_id uuid,
    archived boolean NOT NULL,
    PRIMARY KEY (tenant_id, company_id)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)
    for table in ("territories", "absences", "colleagues", "company_owners"):
        protect(table)
