"""Mailboxes, and mail from and to customers."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0021"
down_revision = "0005"

_MAILBOXES = """
CREATE TABLE mailboxes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    address text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    language text COLLATE "C" NOT NULL,
    queue_id uuid,
    signature text NOT NULL,
    acknowledges boolean NOT NULL,
    acknowledgement json NOT NULL,
    allowed_senders json NOT NULL,
    denied_senders json NOT NULL,
    trusts_reply_to boolean NOT NULL,
    secret text COLLATE "C" NOT NULL,
    previous_secret text COLLATE "C" NOT NULL,
    previous_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
-- Mail is for whoever has the address, on the whole platform: so nobody else can have it.
CREATE UNIQUE INDEX mailboxes_address_once ON mailboxes (address) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX mailboxes_id ON mailboxes (id);
CREATE INDEX mailboxes_addresses ON mailboxes (tenant_id, address, id);
"""
_INBOUND = """
CREATE TABLE inbound_mails (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    mailbox_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    header_id text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    sender_name text NOT NULL,
    reply_to text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    automatic boolean NOT NULL,
    left_out json NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    ticket_id uuid,
    message_id uuid,
    raw_to_go boolean NOT NULL DEFAULT false,
    received_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT inbound_mails_once UNIQUE (tenant_id, mailbox_id, key)
);
CREATE INDEX inbound_mails_received ON inbound_mails (tenant_id, received_at, id);
CREATE INDEX inbound_mails_of_ticket ON inbound_mails (tenant_id, ticket_id, received_at, id);
CREATE INDEX inbound_mails_from ON inbound_mails (tenant_id, sender, received_at);
CREATE INDEX inbound_mails_outcome ON inbound_mails (tenant_id, outcome, received_at, id);
CREATE INDEX inbound_mails_to_go ON inbound_mails (tenant_id, id) WHERE raw_to_go;
CREATE TABLE mail_references (
    tenant_id uuid NOT NULL,
    reference text COLLATE "C" NOT NULL,
    ticket_id uuid NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, reference)
);
CREATE INDEX mail_references_of_ticket ON mail_references (tenant_id, ticket_id, kept_at);
"""
_OUTBOUND = """
CREATE TABLE outbound_mails (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    message_id uuid NOT NULL,
    place integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    person_id uuid,
    address text COLLATE "C" NOT NULL,
    mailbox_id uuid,
    state text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    notification_id uuid,
    told_version bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT outbound_mails_once UNIQUE (tenant_id, message_id, place)
);
CREATE INDEX outbound_mails_asked ON outbound_mails (tenant_id, asked_at, id);
CREATE INDEX outbound_mails_of_ticket ON outbound_mails (tenant_id, ticket_id, asked_at, id);
CREATE INDEX outbound_mails_notified ON outbound_mails (tenant_id, notification_id);
CREATE INDEX outbound_mails_to_person ON outbound_mails (tenant_id, person_id, asked_at);
CREATE INDEX outbound_mails_to_address ON outbound_mails (tenant_id, address, asked_at);
"""


def upgrade() -> None:
    """Create the tables of mail."""
    op.execute(_MAILBOXES + _INBOUND + _OUTBOUND)
    for table in ("mailboxes", "inbound_mails", "mail_references", "outbound_mails"):
        protect(table)
    # Whose mailbox it is, is found before the tenant is known; and which files are to go.
    open_to_system("mailboxes", may="SELECT (tenant_id, id, address, archived_at)")
    open_to_system("inbound_mails", may="SELECT (tenant_id, id, raw_to_go), UPDATE (raw_to_go)")
