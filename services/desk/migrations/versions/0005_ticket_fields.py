"""Fields of tickets that tenants define."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0005"
down_revision = "0052"


def upgrade() -> None:
    """Create the table of fields."""
    op.execute(
        """
        CREATE TABLE ticket_fields (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            key text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            label json NOT NULL,
            required boolean NOT NULL,
            choices json NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            archived_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT ticket_fields_key_unique UNIQUE (tenant_id, key)
        );
        CREATE INDEX ticket_fields_created ON ticket_fields (tenant_id, created_at, id);
        """
    )
    protect("ticket_fields")
