"""Members, what others call them, and who was merged with whom."""

from alembic import op

from chassis.storage.ddl import create_following_tables, protect

revision = "0020"
down_revision = "0060"

_TABLES = """
CREATE TABLE members (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    person_id uuid,
    number text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    external_ids json NOT NULL,
    merged_into_id uuid,
    status_before text COLLATE "C",
    enrolled_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT members_number_unique UNIQUE (tenant_id, number),
    FOREIGN KEY (tenant_id, program_id) REFERENCES programs
);
CREATE UNIQUE INDEX members_person_unique ON members (tenant_id, person_id, program_id)
    WHERE status <> 'merged';
CREATE INDEX members_of_person ON members (tenant_id, person_id);
CREATE INDEX members_created ON members (tenant_id, created_at, id);
CREATE INDEX members_enrolled ON members (tenant_id, enrolled_at, id);
CREATE INDEX members_of_program ON members (tenant_id, program_id, created_at, id);
CREATE TABLE member_external_ids (
    tenant_id uuid NOT NULL,
    member_id uuid NOT NULL,
    system text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT member_external_ids_unique PRIMARY KEY (tenant_id, system, id)
);
CREATE INDEX member_external_ids_of_member ON member_external_ids (tenant_id, member_id);
CREATE TABLE member_merges (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    merged_id uuid NOT NULL,
    into_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, merged_id)
);
"""


def upgrade() -> None:
    """Create the tables of members and of merges."""
    op.execute(_TABLES)
    for table in ("members", "member_external_ids", "member_merges"):
        protect(table)
    create_following_tables("person")
