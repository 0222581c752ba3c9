"""When points expire that are given by hand, where it is not by the program's policy."""

from alembic import op

revision = "0012"
down_revision = "0032"


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE adjustments ADD COLUMN expires_at timestamptz")
