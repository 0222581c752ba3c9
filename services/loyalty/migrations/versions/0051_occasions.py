"""Days that matter to members, and those of each year on which something was given."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0051"
down_revision = "0050"

_TABLES = """
CREATE TABLE occasions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    date_kind text COLLATE "C" NOT NULL,
    terms json NOT NULL,
    status text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT occasions_key_unique UNIQUE (tenant_id, program_id, key)
);
CREATE INDEX occasions_created ON occasions (tenant_id, created_at, id);
CREATE TABLE celebrations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    occasion_id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    person_id uuid,
    year integer NOT NULL,
    due_at timestamptz NOT NULL,
    reached_at timestamptz NOT NULL,
    points bigint NOT NULL,
    coupon_id uuid,
    recognition_id uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT celebrations_once UNIQUE (tenant_id, occasion_id, member_id, year),
    FOREIGN KEY (tenant_id, occasion_id) REFERENCES occasions
);
CREATE INDEX celebrations_reached ON celebrations (tenant_id, reached_at, id);
CREATE INDEX celebrations_of_person ON celebrations (tenant_id, person_id);
"""


def upgrade() -> None:
    """Create the tables of occasions."""
    op.execute(_TABLES)
    for table in ("occasions", "celebrations"):
        protect(table)
