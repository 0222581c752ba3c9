"""The tables of messages."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of messages."""
