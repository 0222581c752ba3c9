"""Which surveys did not reach whoever was asked."""

from alembic import op

revision = "0073"
down_revision = "0041"


def upgrade() -> None:
    """Add the columns to who was asked."""
    op.execute(
        """
        ALTER TABLE survey_requests
            ADD COLUMN undelivered text COLLATE "C",
            ADD COLUMN told_version bigint NOT NULL DEFAULT 0;
        """
    )
