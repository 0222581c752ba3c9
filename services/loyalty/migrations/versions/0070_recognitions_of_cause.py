"""What was given for a cause is found by the cause alone: whose it is may change by a merge."""

from alembic import op

revision = "0070"
down_revision = "0013"


def upgrade() -> None:
    """Index recognitions by their causes."""
    op.execute(
        "CREATE INDEX recognitions_of_cause ON recognitions (tenant_id, cause_kind, cause_key)"
    )
