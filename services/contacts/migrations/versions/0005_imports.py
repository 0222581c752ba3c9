"""Imports: their files in pieces, their runs, what became of their rows."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables of imports, and make room for people who come by the million."""
    _imports()
    _reports()
    _people()
    for table in ("imports", "import_parts", "import_pieces", "import_rows", "import_keys"):
        protect(table)
        open_to_system(table, may="SELECT, DELETE")
    op.execute('GRANT UPDATE (examples) ON imports TO "contacts_system"')
    protect("import_runs")
    protect("import_kept")


def _imports() -> None:
    op.execute(
        """
        CREATE TABLE imports (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            name text NOT NULL,
            state text NOT NULL,
            owner_id uuid,
            options json NOT NULL,
            analysis json NOT NULL,
            examples json NOT NULL,
            plan json NOT NULL,
            problem json NOT NULL,
            job_id uuid,
            runs integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX imports_created ON imports (tenant_id, created_at, id);
        CREATE TABLE import_parts (
            tenant_id uuid NOT NULL,
            import_id uuid NOT NULL,
            number integer NOT NULL,
            size bigint NOT NULL,
            sha256 text NOT NULL,
            PRIMARY KEY (tenant_id, import_id, number),
            FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
                ON DELETE CASCADE
        );
        CREATE TABLE import_pieces (
            tenant_id uuid NOT NULL,
            import_id uuid NOT NULL,
            part integer NOT NULL,
            piece integer NOT NULL,
            data bytea NOT NULL,
            PRIMARY KEY (tenant_id, import_id, part, piece),
            FOREIGN KEY (tenant_id, import_id, part)
                REFERENCES import_parts (tenant_id, import_id, number) ON DELETE CASCADE
        );
        -- Written once and read once: compressing costs more than it saves.
        ALTER TABLE import_pieces ALTER COLUMN data SET STORAGE EXTERNAL;
        """
    )


_REPORTS = """
CREATE TABLE import_runs (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number integer NOT NULL,
    dry boolean NOT NULL,
    last_row bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    skipped bigint NOT NULL,
    failed bigint NOT NULL,
    suspected bigint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    cancelled boolean NOT NULL,
    PRIMARY KEY (tenant_id, import_id, number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
        ON DELETE CASCADE
);
CREATE TABLE import_rows (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    run integer NOT NULL,
    row bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    person_id uuid,
    reasons json NOT NULL,
    cells json,
    before json,
    before_version bigint,
    version bigint,
    PRIMARY KEY (tenant_id, import_id, run, row)
);
CREATE INDEX import_rows_ended ON import_rows (tenant_id, import_id, run, outcome, row);
-- For undoing: whom the import has changed.
CREATE INDEX import_rows_changed ON import_rows (tenant_id, import_id, person_id)
    WHERE before_version IS NOT NULL;
CREATE TABLE import_keys (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    run integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    row bigint NOT NULL,
    PRIMARY KEY (tenant_id, import_id, run, kind, key, row)
);
CREATE TABLE import_kept (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (tenant_id, import_id, person_id)
);
"""


def _reports() -> None:
    op.execute(_REPORTS)


def _people() -> None:
    """Let undoing walk through an import's people in order."""
    op.execute(
        """
        DROP INDEX people_imported;
        CREATE INDEX people_imported ON people (tenant_id, import_id, id)
            WHERE import_id IS NOT NULL;
        """
    )
