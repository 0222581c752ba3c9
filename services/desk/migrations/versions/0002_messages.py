"""Conversations of tickets, and links between tickets."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0002"
down_revision = "0001"

_MESSAGES = """
CREATE TABLE messages (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    origin_ticket_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    author text COLLATE "C" NOT NULL,
    author_id uuid,
    person_id uuid,
    sender_name text NOT NULL,
    sender_address text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    automatic boolean NOT NULL,
    mentions uuid[] NOT NULL,
    attachment_ids uuid[] NOT NULL,
    external_id text COLLATE "C",
    direction text COLLATE "C" NOT NULL,
    duration_seconds integer,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
    CONSTRAINT messages_external_id_once
        UNIQUE (tenant_id, origin_ticket_id, channel, external_id)
);
CREATE INDEX messages_of_ticket ON messages (tenant_id, ticket_id, said_at, id);
CREATE INDEX messages_of_person ON messages (tenant_id, person_id);
CREATE INDEX messages_external ON messages (tenant_id, external_id);
"""
_LINKS = """
CREATE TABLE ticket_links (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    other_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    linked_at timestamptz NOT NULL,
    linked_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
    FOREIGN KEY (tenant_id, other_id) REFERENCES tickets,
    CONSTRAINT ticket_links_once UNIQUE (tenant_id, ticket_id, other_id, kind)
);
CREATE INDEX ticket_links_of_other ON ticket_links (tenant_id, other_id, id);
"""


def upgrade() -> None:
    """Create the tables of messages and links."""
    for statements in (_MESSAGES, _LINKS):
        op.execute(statements)
    protect("messages")
    protect("ticket_links")
