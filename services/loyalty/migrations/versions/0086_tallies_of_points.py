"""Up to which transaction points are counted towards a tier without a window."""

from alembic import op

revision = "0086"
down_revision = "0085"


def upgrade() -> None:
    """Keep the number; 0 has all counted anew with the next look."""
    op.execute("ALTER TABLE tier_standings ADD COLUMN tally_number bigint NOT NULL DEFAULT 0")
