"""What the chassis keeps in every service."""

from chassis.storage.ddl import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the chassis' tables."""
    create_chassis_tables()
