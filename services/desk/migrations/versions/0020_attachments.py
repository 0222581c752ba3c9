"""Attachments; what is in them is kept outside the database."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0020"
down_revision = "0010"


def upgrade() -> None:
    """Create the table of attachments."""
    op.execute(
        """
        CREATE TABLE attachments (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            name text NOT NULL,
            content_type text COLLATE "C" NOT NULL,
            size bigint NOT NULL,
            sha256 text COLLATE "C" NOT NULL,
            uploaded_by text COLLATE "C" NOT NULL,
            uploaded_at timestamptz NOT NULL,
            message_id uuid,
            removed_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX attachments_of_message ON attachments (tenant_id, message_id);
        CREATE INDEX attachments_uploaded ON attachments (tenant_id, uploaded_at, id);
        CREATE INDEX attachments_to_go ON attachments (uploaded_at)
            WHERE removed_at IS NOT NULL OR message_id IS NULL;
        CREATE INDEX attachments_known ON attachments (id);
        """
    )
    protect("attachments")
    # Which files are to go is found before the tenant is known; what they are called is not shown.
    open_to_system(
        "attachments",
        may="SELECT (tenant_id, id, uploaded_at, message_id, removed_at), DELETE",
    )
