"""How fresh contact points are: when each was proven, and who can be reached at all."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0015"
down_revision = "0014"

# Only those whom nothing reaches are marked, who are few; whoever has no mark counts as reachable, and
# gets one with the next change.
_UNREACHABLE = """
UPDATE people SET reachable = false
WHERE json_array_length(details->'postal_addresses') = 0 AND NOT EXISTS (
    SELECT 1
    FROM (VALUES ('emails'), ('phones'), ('handles')) AS list (name)
    CROSS JOIN LATERAL json_array_elements(details->list.name) AS point
    WHERE point->>'status' NOT IN ('bounced', 'invalid')
)
"""
_SETTINGS = """
CREATE TABLE freshness_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    half_life_days integer NOT NULL,
    stale_after_days integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
)
"""


def upgrade() -> None:
    """Keep beside people when their contact points were proven, and mark whom nothing reaches."""
    op.execute("ALTER TABLE people ADD COLUMN reachable boolean, ADD COLUMN point_evidence json")
    op.execute(_UNREACHABLE)
    op.execute(_SETTINGS)
    protect("freshness_settings", may="SELECT, INSERT, UPDATE")
