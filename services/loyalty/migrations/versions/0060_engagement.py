"""How attached people are: the tenant's scheme, what acts of each kind are worth, and scores."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0060"
down_revision = "0040"

_TABLES = """
CREATE TABLE engagement_schemes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    half_life_days integer NOT NULL,
    weights json NOT NULL,
    bands json NOT NULL,
    weights_version bigint NOT NULL,
    recounted_version bigint NOT NULL,
    changed_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE engagement_scores (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    version bigint NOT NULL,
    weights_version bigint NOT NULL,
    half_life_days integer NOT NULL,
    held double precision NOT NULL,
    falling double precision NOT NULL,
    valued_at timestamptz NOT NULL,
    look_at timestamptz,
    band text COLLATE "C" NOT NULL,
    band_since timestamptz NOT NULL,
    acts integer NOT NULL,
    last_act_at timestamptz NOT NULL,
    last_sign_at timestamptz,
    PRIMARY KEY (tenant_id, person_id)
);
CREATE INDEX engagement_scores_to_look_at ON engagement_scores (tenant_id, look_at)
    WHERE look_at IS NOT NULL;
CREATE INDEX engagement_scores_in_band ON engagement_scores (tenant_id, band, person_id);
CREATE TABLE engagement_tallies (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    act text COLLATE "C" NOT NULL,
    value double precision NOT NULL,
    valued_at timestamptz NOT NULL,
    acts integer NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id, act)
);
"""


def upgrade() -> None:
    """Create the tables of engagement."""
    op.execute(_TABLES)
    for table in ("engagement_schemes", "engagement_scores", "engagement_tallies"):
        protect(table)
