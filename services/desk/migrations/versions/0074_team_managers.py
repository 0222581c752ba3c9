"""Who leads which team: who is told of what nobody takes care of."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0074"
down_revision = "0073"

_TABLE = """
CREATE TABLE team_managers (
    tenant_id uuid NOT NULL,
    team_id uuid NOT NULL,
    version bigint NOT NULL,
    parent_team_id uuid,
    manager_id uuid,
    PRIMARY KEY (tenant_id, team_id)
);
"""


def upgrade() -> None:
    """Create the table of who leads which team."""
    op.execute(_TABLE)
    protect("team_managers")
