"""Letters say to whom they go back when they cannot be delivered."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Have letters with a sender; those so far have none."""
    op.execute("ALTER TABLE letters ADD COLUMN sender text NOT NULL DEFAULT ''")
