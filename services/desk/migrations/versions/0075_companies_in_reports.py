"""Of which company a ticket is that reports count."""

from alembic import op

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    """Add the company to what is counted, as the tickets have it."""
    op.execute("ALTER TABLE counted_tickets ADD COLUMN company_id uuid")
    op.execute(
        """
        UPDATE counted_tickets AS counted SET company_id = t.company_id FROM tickets AS t
        WHERE t.tenant_id = counted.tenant_id AND t.id = counted.ticket_id
            AND t.company_id IS NOT NULL
        """
    )
