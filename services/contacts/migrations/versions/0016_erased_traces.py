"""By what erased people are recognised for a while, where others keep words without an id: digests alone."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0016"
down_revision = "0015"

_TABLE = """
CREATE TABLE erased_traces (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    digest bytea NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id, digest)
);
"""


def upgrade() -> None:
    """Create the table, from which only time takes anything."""
    op.execute(_TABLE)
    protect("erased_traces", may="SELECT, INSERT")
    open_to_system("erased_traces", may="SELECT, DELETE")
