"""Rules of approval that ask the manager of whoever submits a quote (SA-10)."""

from alembic import op

revision = "0083"
down_revision = "0082"


def upgrade() -> None:
    """Add the choice; the rules that there are name a role or a user."""
    op.execute("ALTER TABLE quote_approval_rules ADD COLUMN manager boolean NOT NULL DEFAULT false")
