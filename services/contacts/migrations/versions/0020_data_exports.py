"""Exports of all that is known of a person: who asked, how far each service is, and the archive in pieces."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0020"
down_revision = "0016"

_EXPORTS = """
CREATE TABLE data_exports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid NOT NULL,
    merged_person_ids uuid[] NOT NULL,
    job_id uuid NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    completed_at timestamptz,
    expires_at timestamptz,
    files json NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX data_exports_of ON data_exports (tenant_id, person_id);
CREATE INDEX data_exports_requested ON data_exports (tenant_id, requested_at, id);
CREATE TABLE data_export_parts (
    tenant_id uuid NOT NULL,
    export_id uuid NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    page_token text NOT NULL,
    pieces bigint NOT NULL,
    records bigint NOT NULL,
    bytes bigint NOT NULL,
    detail text NOT NULL,
    completed_at timestamptz,
    PRIMARY KEY (tenant_id, export_id, service),
    FOREIGN KEY (tenant_id, export_id) REFERENCES data_exports (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE data_export_pieces (
    tenant_id uuid NOT NULL,
    export_id uuid NOT NULL,
    service text NOT NULL,
    file text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    records integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (tenant_id, export_id, service, file, number),
    FOREIGN KEY (tenant_id, export_id) REFERENCES data_exports (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE data_export_downloads (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    export_id uuid NOT NULL,
    person_id uuid NOT NULL,
    downloaded_by text NOT NULL,
    downloaded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, export_id) REFERENCES data_exports (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX data_export_downloads_of ON data_export_downloads (tenant_id, export_id);
"""


def upgrade() -> None:
    """Create the tables of exports of a person's data."""
    op.execute(_EXPORTS)
    protect("data_exports")
    protect("data_export_parts")
    protect("data_export_pieces")
    protect("data_export_downloads", may="SELECT, INSERT")
    # Archives end when their time has come, whosever they are.
    open_to_system("data_exports", may="SELECT")
    open_to_system("data_export_pieces", may="SELECT, DELETE")
