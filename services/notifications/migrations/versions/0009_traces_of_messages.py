"""The trace in which a message was ordered, so that sending it goes on with that trace."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; what is queued already is sent in traces of its own."""
    op.execute("ALTER TABLE message_queue ADD COLUMN traceparent text")
