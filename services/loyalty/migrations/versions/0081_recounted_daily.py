"""The system login may see which programs there are, to count the ledger of each anew."""

from chassis.storage.ddl import open_to_system

revision = "0081"
down_revision = "0080"


def upgrade() -> None:
    """Let the daily recount find its programs."""
    open_to_system("programs", may="SELECT")
