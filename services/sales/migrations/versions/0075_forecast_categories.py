"""How opportunities count in forecasts: as their stage says, or as they say themselves."""

from alembic import op

revision = "0075"
down_revision = "0055"

_COLUMNS = """
ALTER TABLE opportunities
    ADD COLUMN stage_forecast_category text COLLATE "C" NOT NULL DEFAULT 'pipeline',
    ADD COLUMN forecast_category text COLLATE "C";
CREATE INDEX opportunities_expected ON opportunities (tenant_id, expected_close_on, state, owner_id);
CREATE INDEX opportunities_closed ON opportunities (tenant_id, closed_at, state, owner_id);
"""


def upgrade() -> None:
    """Add the categories, and what finds the opportunities of a period."""
    op.execute(_COLUMNS)
