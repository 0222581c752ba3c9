"""Of which teams nobody has told who leads them: looked for across tenants, to ask identity."""

from chassis.storage.ddl import open_to_system

revision = "0087"
down_revision = "0086"


def upgrade() -> None:
    """Let the system login see which teams are known, and no more of them."""
    open_to_system("team_managers", may="SELECT (tenant_id, team_id)")
