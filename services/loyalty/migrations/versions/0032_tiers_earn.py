"""Notes which tier multiplied what was earned."""

from alembic import op

revision = "0032"
down_revision = "0011"


def upgrade() -> None:
    """Add the key of the tier to what was earned."""
    op.execute('ALTER TABLE earnings ADD COLUMN tier text COLLATE "C"')
