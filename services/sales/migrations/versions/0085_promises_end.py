"""Promises of first contact that end, and begin anew for whoever takes a lead over (SA-3)."""

from alembic import op

revision = "0085"
down_revision = "0084"


def upgrade() -> None:
    """Add when a promise has ended, and whether somebody has taken the lead over."""
    op.execute(
        "ALTER TABLE lead_assignments ADD COLUMN promise_ended_at timestamptz,"
        " ADD COLUMN taken_over boolean NOT NULL DEFAULT false"
    )
