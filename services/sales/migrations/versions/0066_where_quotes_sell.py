"""Where a quote sells, which its order takes over: sales channel and branch (SA-11)."""

from alembic import op

revision = "0066"
down_revision = "0061"

_COLUMNS = """
ALTER TABLE quotes
    ADD COLUMN channel text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN branch text COLLATE "C" NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    """Give quotes a channel and a branch; those that there are go by their opportunities."""
    op.execute(_COLUMNS)
