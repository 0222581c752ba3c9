"""Which lead a counted opportunity has come of, so that campaigns are credited with what was won (SA-5)."""

from alembic import op

revision = "0082"
down_revision = "0066"

_ADD = "ALTER TABLE counted_opportunities ADD COLUMN lead_id uuid"
# What the version before counts meanwhile lacks it until the next fact, or a recount.
_FILL = """
UPDATE counted_opportunities AS counted SET lead_id = recorded.lead_id
FROM opportunities AS recorded
WHERE recorded.tenant_id = counted.tenant_id AND recorded.id = counted.opportunity_id
    AND recorded.lead_id IS NOT NULL
"""


def upgrade() -> None:
    """Add the lead, and fill in what the records say."""
    op.execute(_ADD)
    op.execute(_FILL)
