"""What is known of members' people, and whom contacts has to be asked about."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0021"
down_revision = "0061"

_TABLES = """
CREATE TABLE profiles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    language text COLLATE "C" NOT NULL,
    time_zone text COLLATE "C" NOT NULL,
    days json NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT profiles_person_unique UNIQUE (tenant_id, person_id)
);
CREATE TABLE profile_refreshes (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    round bigint NOT NULL,
    attempts integer NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
);
CREATE INDEX profile_refreshes_due ON profile_refreshes (due_at);
"""


def upgrade() -> None:
    """Create the tables of profiles."""
    op.execute(_TABLES)
    protect("profiles")
    protect("profile_refreshes")
    open_to_system("profile_refreshes", may="SELECT, UPDATE")
