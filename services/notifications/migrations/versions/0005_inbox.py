"""The inboxes of users within the platform."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0005"
down_revision = "0004"

_INBOX = """
CREATE TABLE inbox_entries (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    link text NOT NULL,
    message_id uuid,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    snoozed_until timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX inbox_entries_user ON inbox_entries (tenant_id, user_id, id);
CREATE INDEX inbox_entries_unread ON inbox_entries (tenant_id, user_id) WHERE read_at IS NULL;
CREATE UNIQUE INDEX inbox_entries_message ON inbox_entries (tenant_id, message_id)
    WHERE message_id IS NOT NULL;
"""


def upgrade() -> None:
    """Create the tables of inboxes."""
    op.execute(_INBOX)
    protect("inbox_entries")
