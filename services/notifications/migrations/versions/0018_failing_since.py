"""Messages say since when they fail, so that one that was made long before is not given up at once."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Have the time; for those that fail by now it begins with the next failure."""
    op.execute("ALTER TABLE messages ADD COLUMN failing_since timestamptz")
