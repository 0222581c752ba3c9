"""Whoever is erased is erased from kept facts too."""

from chassis.storage.ddl import let_facts_be_blanked

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Let the service empty what is personal in its outbox."""
    let_facts_be_blanked()
