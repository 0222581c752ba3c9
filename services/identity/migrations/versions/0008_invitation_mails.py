"""Invitations whose mail has yet to leave: so many at once that nobody waits for them."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0008"
down_revision = "0007"

_TABLE = """
CREATE TABLE invitation_mails (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT invitation_mails_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT invitation_mails_user
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
-- Mail is sent by the platform, of whatever tenant is due.
CREATE INDEX invitation_mails_due ON invitation_mails (due_at);
"""


def upgrade() -> None:
    """Create the table; the system login looks which tenant's turn it is."""
    op.execute(_TABLE)
    protect("invitation_mails")
    open_to_system("invitation_mails", may="SELECT, UPDATE, DELETE")
