"""Macros, triggers and time rules; what was done by them, and what follows from what."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0040"
down_revision = "0071"

_MACROS = """
CREATE TABLE macros (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    actions json NOT NULL,
    sharing text COLLATE "C" NOT NULL,
    team_id uuid,
    owner_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX macros_created ON macros (tenant_id, created_at, id);
CREATE INDEX macros_updated ON macros (tenant_id, updated_at, id);
CREATE TABLE macro_uses (
    tenant_id uuid NOT NULL,
    macro_id uuid NOT NULL,
    uses bigint NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, macro_id),
    FOREIGN KEY (tenant_id, macro_id) REFERENCES macros
);
"""
_TRIGGERS = """
CREATE TABLE triggers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    position integer NOT NULL,
    events text[] COLLATE "C" NOT NULL,
    condition text COLLATE "C" NOT NULL,
    actions json NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX triggers_placed ON triggers (tenant_id, position, id);
CREATE INDEX triggers_created ON triggers (tenant_id, created_at, id);
CREATE TABLE trigger_firings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    trigger_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    fact_id uuid NOT NULL,
    event text COLLATE "C" NOT NULL,
    depth integer NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT trigger_firings_once UNIQUE (tenant_id, fact_id, trigger_id),
    FOREIGN KEY (tenant_id, trigger_id) REFERENCES triggers,
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX trigger_firings_of_ticket ON trigger_firings (tenant_id, ticket_id, at, id);
CREATE INDEX trigger_firings_of_trigger ON trigger_firings (tenant_id, trigger_id, at, id);
CREATE INDEX trigger_firings_at ON trigger_firings (tenant_id, at, id);
CREATE INDEX trigger_firings_old ON trigger_firings (at);
CREATE TABLE trigger_chains (
    tenant_id uuid NOT NULL,
    fact_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    depth integer NOT NULL,
    fired uuid[] NOT NULL,
    stopped boolean NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, fact_id)
);
CREATE INDEX trigger_chains_old ON trigger_chains (at);
"""
_TIME_RULES = """
CREATE TABLE time_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    position integer NOT NULL,
    since text COLLATE "C" NOT NULL,
    hours integer NOT NULL,
    business_calendar_id uuid,
    condition text COLLATE "C" NOT NULL,
    actions json NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, business_calendar_id) REFERENCES business_calendars
);
CREATE INDEX time_rules_placed ON time_rules (tenant_id, position, id);
CREATE INDEX time_rules_created ON time_rules (tenant_id, created_at, id);
CREATE TABLE time_rule_firings (
    tenant_id uuid NOT NULL,
    time_rule_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    counted_from timestamptz NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    fired_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id, time_rule_id),
    FOREIGN KEY (tenant_id, time_rule_id) REFERENCES time_rules,
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
"""
_TABLES = (
    "macros",
    "macro_uses",
    "triggers",
    "trigger_firings",
    "trigger_chains",
    "time_rules",
    "time_rule_firings",
)


def upgrade() -> None:
    """Create the tables; what is old is removed across tenants."""
    op.execute(_MACROS + _TRIGGERS + _TIME_RULES)
    for table in _TABLES:
        protect(table)
    for table in ("trigger_firings", "trigger_chains"):
        open_to_system(table, may="SELECT, DELETE")
