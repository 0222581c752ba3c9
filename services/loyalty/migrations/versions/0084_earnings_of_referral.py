"""Finds what rules gave for a referral, to take it back when that is reversed."""

from alembic import op

revision = "0084"
down_revision = "0083"


def upgrade() -> None:
    """Add the index."""
    op.execute(
        "CREATE INDEX earnings_of_referral ON earnings (tenant_id, key)"
        " WHERE kind = 'referral_completed'"
    )
