"""What a quote says on paper: of the seller, whom it is made out to, in which language; who accepted it."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0065"
down_revision = "0050"

_TABLES = """
CREATE TABLE letterheads (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    number integer NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE letterhead_versions (
    tenant_id uuid NOT NULL,
    number integer NOT NULL,
    content json NOT NULL,
    logo bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
ALTER TABLE quotes
    ADD COLUMN language text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN addressee json,
    ADD COLUMN accepted_by text NOT NULL DEFAULT '',
    ADD COLUMN total_base numeric(20, 4),
    ADD COLUMN base_currency text COLLATE "C";
ALTER TABLE quote_versions
    ADD COLUMN language text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN addressee json,
    ADD COLUMN letterhead integer;
CREATE INDEX quotes_in_approval ON quotes (tenant_id, id) WHERE status = 'in_approval';
"""


def upgrade() -> None:
    """Create the letterhead's tables, and give quotes what is printed with them."""
    op.execute(_TABLES)
    protect("letterheads")
    # What was printed stays: a sent quote names the number of its letterhead.
    protect("letterhead_versions", may="SELECT, INSERT")
