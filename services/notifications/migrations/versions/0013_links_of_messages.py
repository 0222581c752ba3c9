"""What a message leads to is kept with its words."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Have words with a link; those so far have none."""
    op.execute("ALTER TABLE message_bodies ADD COLUMN link text NOT NULL DEFAULT ''")
