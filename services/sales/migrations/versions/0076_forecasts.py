"""What managers expect, and forecasts as they stood: both can be added to, and never changed."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0076"
down_revision = "0060"

_TABLES = """
CREATE TABLE forecast_adjustments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    figure text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    amount numeric(20, 4),
    unadjusted numeric(20, 4) NOT NULL,
    currency text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    adjusted_by text COLLATE "C" NOT NULL,
    adjusted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT forecast_adjustments_numbered
        UNIQUE (tenant_id, first_on, last_on, user_id, figure, number)
);
CREATE INDEX forecast_adjustments_made ON forecast_adjustments (tenant_id, adjusted_at, id);
CREATE TABLE forecast_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    cadence text COLLATE "C" NOT NULL,
    lengths json NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE forecast_snapshots (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    currency text COLLATE "C" NOT NULL,
    scheduled boolean NOT NULL,
    taken_at timestamptz NOT NULL,
    taken_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX forecast_snapshots_taken ON forecast_snapshots (tenant_id, taken_at, id);
CREATE INDEX forecast_snapshots_of_period
    ON forecast_snapshots (tenant_id, first_on, last_on, taken_at, id);
CREATE TABLE forecast_snapshot_lines (
    tenant_id uuid NOT NULL,
    snapshot_id uuid NOT NULL,
    number integer NOT NULL,
    user_id uuid,
    team_ids uuid[] NOT NULL,
    figures json NOT NULL,
    adjusted json NOT NULL,
    PRIMARY KEY (tenant_id, snapshot_id, number),
    FOREIGN KEY (tenant_id, snapshot_id) REFERENCES forecast_snapshots
);
"""
_KEPT = ("forecast_adjustments", "forecast_snapshots", "forecast_snapshot_lines")


def upgrade() -> None:
    """Create the tables of forecasts."""
    op.execute(_TABLES)
    for table in _KEPT:
        protect(table, may="SELECT, INSERT")
    protect("forecast_settings")
