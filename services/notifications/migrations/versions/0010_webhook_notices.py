"""Notices of disabled webhooks that the tenant's administrators are still to get."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table of notices that wait until identity has said who the administrators are."""
    op.execute(
        """
        CREATE TABLE webhook_notices (
            tenant_id uuid NOT NULL,
            endpoint_id uuid NOT NULL,
            version bigint NOT NULL,
            url text NOT NULL,
            reason text NOT NULL,
            noted_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, endpoint_id, version)
        );
        CREATE INDEX webhook_notices_age ON webhook_notices (noted_at);
        """
    )
    protect("webhook_notices")
    open_to_system("webhook_notices", may="SELECT")
