"""Finds the members of a tier, whatever program they are of."""

from alembic import op

revision = "0085"
down_revision = "0084"


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX tier_standings_in_tier ON tier_standings (tenant_id, tier, id)")
