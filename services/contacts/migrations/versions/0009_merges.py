"""Which two people were found to be one, what was of whom before, and who was erased."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0009"
down_revision = "0008"


_MERGES = """
CREATE TABLE merges (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    survivor_id uuid NOT NULL,
    merged_id uuid NOT NULL,
    -- Who answers for the survivor now: another one, after the survivor was merged in turn.
    person_id uuid NOT NULL,
    choices json NOT NULL,
    changes json NOT NULL,
    merged json NOT NULL,
    import_id uuid,
    merged_at timestamptz NOT NULL,
    merged_by text NOT NULL,
    undone_at timestamptz,
    undone_by text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX merges_of_merged ON merges (tenant_id, merged_id) WHERE undone_at IS NULL;
CREATE INDEX merges_about ON merges (tenant_id, person_id, merged_at, id);
CREATE INDEX merges_below ON merges (tenant_id, survivor_id);
CREATE INDEX merges_made ON merges (tenant_id, merged_at, id);
-- For undoing an import: whom it has brought who are gone.
CREATE INDEX merges_imported ON merges (tenant_id, import_id)
    WHERE import_id IS NOT NULL AND undone_at IS NULL;
"""
_ORIGINS = """
CREATE TABLE merged_records (
    tenant_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    person_id uuid NOT NULL,
    related_person_id uuid,
    aside boolean NOT NULL,
    version bigint,
    record json,
    PRIMARY KEY (tenant_id, kind, record_id)
);
CREATE INDEX merged_records_of ON merged_records (tenant_id, person_id, kind);
CREATE INDEX merged_records_of_related ON merged_records (tenant_id, related_person_id)
    WHERE related_person_id IS NOT NULL;
"""
_ERASURES = """
CREATE TABLE erasures (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    merged_person_ids uuid[] NOT NULL,
    reason text NOT NULL,
    erased_at timestamptz NOT NULL,
    erased_by text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT erasures_person_unique UNIQUE (tenant_id, person_id)
);
CREATE INDEX erasures_made ON erasures (tenant_id, erased_at, id);
-- For forgetting: whom the rows of imports are about. Those that only brought somebody are not kept.
CREATE INDEX import_rows_about ON import_rows (tenant_id, person_id) WHERE person_id IS NOT NULL;
"""


def upgrade() -> None:
    """Create the tables of merges and erasures, and let interactions follow their people."""
    op.execute(_MERGES)
    op.execute(_ORIGINS)
    op.execute(_ERASURES)
    protect("merges")
    protect("merged_records")
    # An erasure is for good, and so is what tells of it.
    protect("erasures", may="SELECT, INSERT")
    op.execute('GRANT UPDATE (person_id) ON interactions TO "contacts_runtime"')
