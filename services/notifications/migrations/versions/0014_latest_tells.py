"""When a provider's latest report of an address is from, so that an older one that comes late counts no more."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0014"
down_revision = "0013"

_TABLE = """
CREATE TABLE latest_tells (
    tenant_id uuid NOT NULL,
    channel text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    happened_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, channel, fingerprint)
);
CREATE INDEX latest_tells_age ON latest_tells (happened_at);
"""


def upgrade() -> None:
    """Create the table; of what was told so far nobody knows when it happened."""
    op.execute(_TABLE)
    protect("latest_tells")
    open_to_system("latest_tells", may="SELECT (happened_at), DELETE")
