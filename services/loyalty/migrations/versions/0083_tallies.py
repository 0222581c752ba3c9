"""What counts towards a tier without a window, so that each order adds to it instead of being counted anew."""

from alembic import op

revision = "0083"
down_revision = "0082"


def upgrade() -> None:
    """Keep the sum; where there is none yet it is counted with the next look."""
    op.execute(
        "ALTER TABLE tier_standings ADD COLUMN tally numeric(24, 4),"
        " ADD COLUMN tally_revision integer NOT NULL DEFAULT 0"
    )
