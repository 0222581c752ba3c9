"""By which ticket a promise was made that went along with a merge: whose words its note may be."""

from alembic import op

revision = "0077"
down_revision = "0076"


def upgrade() -> None:
    """Add the ticket; promises that were moved before do not say it."""
    op.execute("ALTER TABLE promises ADD COLUMN origin_ticket_id uuid")
