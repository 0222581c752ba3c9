"""What reports count of tickets, by facts."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0072"
down_revision = "0040"

_TICKETS = """
CREATE TABLE counted_tickets (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    version bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    priority text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    product_sku text COLLATE "C" NOT NULL,
    queue_id uuid,
    team_id uuid,
    assignee_id uuid,
    tags text[] COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    reopened integer NOT NULL,
    resolved_at timestamptz,
    resolved_round integer NOT NULL DEFAULT -1,
    closed_at timestamptz,
    ended_at timestamptz,
    first_reply_at timestamptz,
    replies integer NOT NULL DEFAULT 0,
    solved_at timestamptz GENERATED ALWAYS AS (
        CASE WHEN resolved_round = reopened THEN resolved_at END
    ) STORED,
    response_seconds bigint GENERATED ALWAYS AS (
        floor(date_part('epoch', first_reply_at - opened_at))
    ) STORED,
    resolution_seconds bigint GENERATED ALWAYS AS (
        floor(date_part('epoch', CASE WHEN resolved_round = reopened THEN resolved_at END - opened_at))
    ) STORED,
    PRIMARY KEY (tenant_id, ticket_id)
);
CREATE INDEX counted_tickets_opened ON counted_tickets (tenant_id, opened_at);
CREATE INDEX counted_tickets_solved ON counted_tickets (tenant_id, solved_at);
CREATE INDEX counted_tickets_closed ON counted_tickets (tenant_id, closed_at);
CREATE INDEX counted_tickets_ended ON counted_tickets (tenant_id, ended_at);
CREATE INDEX counted_tickets_replied ON counted_tickets (tenant_id, first_reply_at);
CREATE TABLE counted_spells (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    number integer NOT NULL,
    began_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, ticket_id, number)
);
CREATE INDEX counted_spells_began ON counted_spells (tenant_id, began_at);
CREATE TABLE counted_replies (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX counted_replies_of_ticket ON counted_replies (tenant_id, ticket_id, sent_at);
"""


def upgrade() -> None:
    """Create the tables of what is counted."""
    op.execute(_TICKETS)
    for table in ("counted_tickets", "counted_spells", "counted_replies"):
        protect(table)
