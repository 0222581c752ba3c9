"""Stock has room for pieces that are put back, however many are there already."""

from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    """Have pieces be as many as eight bytes hold."""
    op.execute("ALTER TABLE reward_stock ALTER COLUMN available TYPE bigint")
