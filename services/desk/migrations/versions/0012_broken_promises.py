"""What is done with a ticket when a promise about it is broken."""

from alembic import op

revision = "0012"
down_revision = "0072"


def upgrade() -> None:
    """Add the columns to the settings of tenants."""
    op.execute(
        """
        ALTER TABLE desk_settings
            ADD COLUMN broken_promise_priority text COLLATE "C" DEFAULT 'high',
            ADD COLUMN broken_promise_queue_id uuid,
            ADD COLUMN broken_promise_assignee_id uuid;
        """
    )
