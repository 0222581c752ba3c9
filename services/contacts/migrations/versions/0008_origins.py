"""From where each fact comes: app, session, address, and the fact that it follows from."""

from __future__ import annotations

from chassis.storage.ddl import keep_origins

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Have the outbox keep it."""
    keep_origins()
