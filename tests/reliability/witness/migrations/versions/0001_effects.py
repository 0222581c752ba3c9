"""What the witness counts, and what the chassis keeps."""

from alembic import op

from chassis.storage.ddl import create_chassis_tables, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    create_chassis_tables()
    op.execute(
        "CREATE TABLE effects (tenant_id uuid NOT NULL, event_id uuid NOT NULL, type text NOT NULL,"
        " times int NOT NULL, PRIMARY KEY (tenant_id, event_id))"
    )
    protect("effects", may="SELECT, INSERT, UPDATE")
