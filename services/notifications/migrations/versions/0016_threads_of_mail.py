"""Mails say what they answer, and where answers to them go."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Have messages with a thread; those so far have none."""
    op.execute("ALTER TABLE messages ADD COLUMN mail_thread json")
