"""People, and what the chassis keeps."""

from alembic import op

from chassis.storage.ddl import create_chassis_tables, protect

revision = "0001"
down_revision = None

_PEOPLE = """
CREATE TABLE people (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    full_name text COLLATE "C" NOT NULL,
    lifecycle_stage text NOT NULL,
    owner_id uuid,
    source text NOT NULL,
    language text NOT NULL,
    time_zone text NOT NULL,
    quality_score smallint NOT NULL,
    quality_codes text[] NOT NULL,
    details json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    import_id uuid,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX people_created ON people (tenant_id, created_at, id);
CREATE INDEX people_updated ON people (tenant_id, updated_at, id);
CREATE INDEX people_named ON people (tenant_id, full_name, id);
CREATE INDEX people_rated ON people (tenant_id, quality_score, id);
CREATE INDEX people_owned ON people (tenant_id, owner_id, created_at, id);
CREATE INDEX people_staged ON people (tenant_id, lifecycle_stage, created_at, id);
CREATE INDEX people_imported ON people (tenant_id, import_id) WHERE import_id IS NOT NULL;
"""

_KEYS = """
CREATE TABLE person_keys (
    tenant_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, kind, key, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX person_keys_of ON person_keys (tenant_id, person_id);
CREATE TABLE person_external_ids (
    tenant_id uuid NOT NULL,
    system text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT person_external_ids_unique PRIMARY KEY (tenant_id, system, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX person_external_ids_of ON person_external_ids (tenant_id, person_id);
"""


def upgrade() -> None:
    """Create the tables of people."""
    create_chassis_tables()
    op.execute(_PEOPLE)
    op.execute(_KEYS)
    for table in ("people", "person_keys", "person_external_ids"):
        protect(table)
