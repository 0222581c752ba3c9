"""Who unfollows is found by the messages that went there."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Index the messages of the one channel whose provider tells who has left."""
    op.execute(
        "CREATE INDEX messages_to_followers ON messages (tenant_id, channel, fingerprint, sent_at)"
        " WHERE channel = 'line'"
    )
