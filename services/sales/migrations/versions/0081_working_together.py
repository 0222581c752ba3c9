"""Teams of opportunities, comments with what they said before, and shared documents (SA-16)."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0081"
down_revision = "0077"

_TABLES = """
CREATE TABLE opportunity_members (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    opportunity_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text COLLATE "C" NOT NULL,
    joined_at timestamptz NOT NULL,
    left_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, opportunity_id) REFERENCES opportunities
);
CREATE UNIQUE INDEX opportunity_members_one
    ON opportunity_members (tenant_id, opportunity_id, user_id) WHERE left_at IS NULL;
CREATE INDEX opportunity_members_of_user
    ON opportunity_members (tenant_id, user_id, opportunity_id) WHERE left_at IS NULL;
CREATE INDEX opportunity_members_ever
    ON opportunity_members (tenant_id, opportunity_id, joined_at, id);
CREATE TABLE comments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    opportunity_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    author text COLLATE "C" NOT NULL,
    author_id uuid,
    text text NOT NULL,
    mentions uuid[] NOT NULL,
    edits integer NOT NULL,
    written_at timestamptz NOT NULL,
    edited_at timestamptz,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, opportunity_id) REFERENCES opportunities
);
CREATE INDEX comments_in_threads ON comments (tenant_id, opportunity_id, thread_id, id);
CREATE TABLE comment_wordings (
    tenant_id uuid NOT NULL,
    comment_id uuid NOT NULL,
    number integer NOT NULL,
    opportunity_id uuid NOT NULL,
    text text NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, comment_id, number)
);
CREATE INDEX comment_wordings_of ON comment_wordings (tenant_id, opportunity_id);
CREATE TABLE shared_documents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    opportunity_id uuid NOT NULL,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    note text NOT NULL,
    shared_by text COLLATE "C" NOT NULL,
    shared_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, opportunity_id) REFERENCES opportunities,
    CONSTRAINT shared_documents_once UNIQUE (tenant_id, opportunity_id, url)
);
CREATE INDEX shared_documents_of ON shared_documents (tenant_id, opportunity_id, shared_at, id);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)
    for table in ("opportunity_members", "comments", "comment_wordings", "shared_documents"):
        protect(table)
