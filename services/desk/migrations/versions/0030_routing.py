"""Queues, agents, and by which rules and decisions tickets find them."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0030"
down_revision = "0011"

_QUEUES = """
CREATE TABLE queues (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    team_id uuid,
    default_priority text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    method text COLLATE "C" NOT NULL,
    most_open integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT queues_key_unique UNIQUE (tenant_id, key)
);
CREATE INDEX queues_placed ON queues (tenant_id, position, id);
CREATE INDEX queues_created ON queues (tenant_id, created_at, id);
"""
_AGENTS = """
CREATE TABLE agents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    skills json NOT NULL,
    languages json NOT NULL,
    capacity integer NOT NULL,
    queue_ids uuid[] NOT NULL,
    status text COLLATE "C" NOT NULL,
    status_since timestamptz NOT NULL,
    status_until timestamptz,
    status_reason text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX agents_created ON agents (tenant_id, created_at, id);
CREATE TABLE agent_absences (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    agent_id uuid NOT NULL,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents
);
CREATE INDEX agent_absences_begin ON agent_absences (tenant_id, begins_at, id);
CREATE INDEX agent_absences_of_agent ON agent_absences (tenant_id, agent_id, ends_at);
"""
_RULES = """
CREATE TABLE routing_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    position integer NOT NULL,
    condition text COLLATE "C" NOT NULL,
    queue_id uuid,
    skills json NOT NULL,
    same_language boolean NOT NULL,
    raise_priority_to text COLLATE "C",
    owner_first boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, queue_id) REFERENCES queues
);
CREATE INDEX routing_rules_tried ON routing_rules (tenant_id, position, id);
CREATE INDEX routing_rules_created ON routing_rules (tenant_id, created_at, id);
CREATE TABLE routing_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    waiting_tickets text COLLATE "C" NOT NULL,
    away_minutes integer,
    offline_minutes integer,
    valuable json NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
"""
_DECISIONS = """
CREATE TABLE ticket_routings (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    round bigint NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    due_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    barred_id uuid,
    queue_id uuid,
    priority text COLLATE "C",
    heard json,
    need json,
    PRIMARY KEY (tenant_id, ticket_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_routings_due ON ticket_routings (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE routing_decisions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    routing_rule_id uuid,
    queue_before_id uuid,
    queue_id uuid,
    assignee_before_id uuid,
    assignee_id uuid,
    priority_before text COLLATE "C" NOT NULL,
    priority text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    heard json NOT NULL,
    need json NOT NULL,
    considered json NOT NULL,
    skipped json NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX routing_decisions_of_ticket
    ON routing_decisions (tenant_id, ticket_id, decided_at, id);
CREATE TABLE routing_turns (
    tenant_id uuid NOT NULL,
    queue_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (tenant_id, queue_id, agent_id),
    FOREIGN KEY (tenant_id, queue_id) REFERENCES queues,
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents
);
CREATE INDEX tickets_unclaimed ON tickets (tenant_id, queue_id, priority, opened_at, id)
    WHERE assignee_id IS NULL AND status IN ('new', 'open');
"""
_TABLES = (
    "queues",
    "agents",
    "agent_absences",
    "routing_rules",
    "routing_settings",
    "ticket_routings",
    "routing_decisions",
    "routing_turns",
)


def upgrade() -> None:
    """Create the tables; what is yet to be routed is found across tenants."""
    op.execute(_QUEUES + _AGENTS + _RULES + _DECISIONS)
    for table in _TABLES:
        protect(table)
    open_to_system("ticket_routings", may="SELECT, UPDATE")
