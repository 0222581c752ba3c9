"""Orders, their numbers, and what other systems call them."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE TABLE orders (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    number text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    person_id uuid,
    company_id uuid,
    owner_id uuid,
    channel text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    total numeric(20, 4) NOT NULL,
    refunded numeric(20, 4) NOT NULL,
    quote_id uuid,
    opportunity_id uuid,
    content json NOT NULL,
    placed_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    cancelled_at timestamptz,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_number_unique UNIQUE (tenant_id, number),
    CONSTRAINT orders_quote_unique UNIQUE (tenant_id, quote_id)
);
CREATE INDEX orders_placed ON orders (tenant_id, placed_at, id);
CREATE INDEX orders_owned ON orders (tenant_id, owner_id, placed_at, id);
CREATE INDEX orders_of_person ON orders (tenant_id, person_id, placed_at, id);
CREATE INDEX orders_of_company ON orders (tenant_id, company_id, placed_at, id);
CREATE INDEX orders_of_opportunity ON orders (tenant_id, opportunity_id, placed_at, id);
CREATE TABLE order_external_ids (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    system text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, order_id, system, id),
    CONSTRAINT order_external_ids_unique UNIQUE (tenant_id, system, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE
);
CREATE TABLE order_numbers (
    tenant_id uuid NOT NULL,
    year integer NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (tenant_id, year)
);
"""


def upgrade() -> None:
    """Create the tables of orders."""
    op.execute(_TABLES)
    for table in ("orders", "order_external_ids", "order_numbers"):
        protect(table)
