"""Tickets and what they are found by, their history, who users are, and what the chassis keeps."""

from alembic import op

from chassis.storage.ddl import (
    create_chassis_tables,
    create_following_tables,
    let_facts_be_blanked,
    protect,
)

revision = "0001"
down_revision = None

_TICKETS = """
CREATE TABLE ticket_counters (
    tenant_id uuid NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (tenant_id)
);
CREATE TABLE tickets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    number bigint NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    person_id uuid,
    company_id uuid,
    requester_address text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    priority text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    queue_id uuid,
    team_id uuid,
    assignee_id uuid,
    product_sku text COLLATE "C" NOT NULL,
    asset_id uuid,
    tags text[] COLLATE "C" NOT NULL,
    custom_fields json NOT NULL,
    language text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    external_ids json NOT NULL,
    problem_id uuid,
    merged_into_id uuid,
    opened_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    first_responded_at timestamptz,
    last_customer_message_at timestamptz,
    last_reply_at timestamptz,
    waiting_since timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    reopened integer NOT NULL,
    solved_by_article_id uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tickets_number_unique UNIQUE (tenant_id, number)
);
CREATE INDEX tickets_opened ON tickets (tenant_id, opened_at, id);
CREATE INDEX tickets_updated ON tickets (tenant_id, updated_at, id);
CREATE INDEX tickets_standing ON tickets (tenant_id, status, updated_at, id);
CREATE INDEX tickets_assigned ON tickets (tenant_id, assignee_id, status, updated_at, id);
CREATE INDEX tickets_queued ON tickets (tenant_id, queue_id, status, opened_at, id);
CREATE INDEX tickets_of_team ON tickets (tenant_id, team_id, status, updated_at, id);
CREATE INDEX tickets_of_person ON tickets (tenant_id, person_id, opened_at, id);
CREATE INDEX tickets_of_company ON tickets (tenant_id, company_id, opened_at, id);
CREATE INDEX tickets_of_address ON tickets (tenant_id, requester_address, opened_at, id);
CREATE INDEX tickets_of_problem ON tickets (tenant_id, problem_id, id);
CREATE INDEX tickets_of_product ON tickets (tenant_id, product_sku, opened_at, id);
CREATE INDEX tickets_merged ON tickets (tenant_id, merged_into_id);
CREATE TABLE ticket_external_ids (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    system text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT ticket_external_ids_unique PRIMARY KEY (tenant_id, system, id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_external_ids_of_ticket ON ticket_external_ids (tenant_id, ticket_id);
CREATE TABLE ticket_terms (
    tenant_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    ticket_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, term, ticket_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_terms_of_ticket ON ticket_terms (tenant_id, ticket_id);
CREATE TABLE ticket_tags (
    tenant_id uuid NOT NULL,
    tag text COLLATE "C" NOT NULL,
    ticket_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, tag, ticket_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_tags_of_ticket ON ticket_tags (tenant_id, ticket_id);
CREATE TABLE ticket_values (
    tenant_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    ticket_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, key, value, ticket_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_values_of_ticket ON ticket_values (tenant_id, ticket_id);
CREATE TABLE ticket_changes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    ticket_version bigint NOT NULL,
    what text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    changes json NOT NULL,
    texts json NOT NULL,
    actor text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_changes_of_ticket ON ticket_changes (tenant_id, ticket_id, at, id);
"""
_TENANT = """
CREATE TABLE desk_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    number_prefix text COLLATE "C" NOT NULL,
    close_after_days integer NOT NULL,
    default_language text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE colleagues (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
"""
_TABLES = (
    "ticket_counters",
    "tickets",
    "ticket_external_ids",
    "ticket_terms",
    "ticket_tags",
    "ticket_values",
    "ticket_changes",
    "desk_settings",
    "colleagues",
)


def upgrade() -> None:
    """Create all tables that a ticket needs."""
    create_chassis_tables()
    create_following_tables("person")
    let_facts_be_blanked()
    op.execute(_TICKETS + _TENANT)
    for table in _TABLES:
        protect(table)
