"""Whoever is erased is erased from kept facts too: in the outbox and in the feed."""

from alembic import op

from chassis.storage.ddl import let_facts_be_blanked

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let the service empty what is personal in its outbox and its feed, and in answers to webhooks."""
    let_facts_be_blanked()
    op.execute("GRANT UPDATE (data) ON feed_facts TO notifications_runtime")
    op.execute("GRANT UPDATE (body, headers) ON webhook_attempts TO notifications_runtime")
