"""What time rules have done to tickets that are closed for good is removed across tenants."""

from chassis.storage.ddl import open_to_system

revision = "0041"
down_revision = "0012"


def upgrade() -> None:
    """Open what has to be looked at, and no more of tickets than whether they are closed."""
    open_to_system("time_rule_firings", may="SELECT, DELETE")
    open_to_system("tickets", may="SELECT (tenant_id, id, closed_at)")
