"""Occasions say when they were resumed, so that late timers make up for nothing that fell into a pause."""

from alembic import op

revision = "0089"
down_revision = "0088"


def upgrade() -> None:
    """Have the time; those that were resumed before are as if they never had been paused."""
    op.execute("ALTER TABLE occasions ADD COLUMN resumed_at timestamptz")
