"""Business calendars, policies of service levels, the clocks that run by them, and what they go by."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0010"
down_revision = "0002"

_DEFINITIONS = """
CREATE TABLE business_calendars (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    time_zone text COLLATE "C" NOT NULL,
    week json NOT NULL,
    holidays json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE service_levels (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    condition text COLLATE "C" NOT NULL,
    business_calendar_id uuid,
    terms json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
"""
_CLOCKS = """
CREATE TABLE ticket_moments (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    place integer NOT NULL,
    what text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id, place)
);
CREATE TABLE clocks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    target text COLLATE "C" NOT NULL,
    round integer NOT NULL,
    started_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    service_level_id uuid,
    minutes integer,
    due_at timestamptz,
    warn_at timestamptz,
    paused_at timestamptz,
    set_anew_at timestamptz,
    warned_at timestamptz,
    breached_at timestamptz,
    met_at timestamptz,
    met_told boolean NOT NULL,
    settled_at timestamptz,
    type text COLLATE "C" NOT NULL,
    priority text COLLATE "C" NOT NULL,
    queue_id uuid,
    assignee_id uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT clocks_once UNIQUE (tenant_id, ticket_id, target, round)
);
CREATE INDEX clocks_due ON clocks (tenant_id, state, due_at, id);
CREATE INDEX clocks_timed ON clocks (tenant_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX clocks_settled ON clocks (tenant_id, settled_at);
"""


def upgrade() -> None:
    """Create the tables of what has to be done by when."""
    for statements in (_DEFINITIONS, _CLOCKS):
        op.execute(statements)
    for table in ("business_calendars", "service_levels", "ticket_moments", "clocks"):
        protect(table)
