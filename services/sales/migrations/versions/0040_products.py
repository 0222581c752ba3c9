"""Products, price books with their prices, and who belongs to which group of customers."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0040"
down_revision = "0020"

_TABLES = """
CREATE TABLE products (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    sku text COLLATE "C" NOT NULL,
    name json NOT NULL,
    category text COLLATE "C" NOT NULL,
    tax_class text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    serial_numbered boolean NOT NULL,
    bundle json,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT products_sku_unique UNIQUE (tenant_id, sku)
);
CREATE INDEX products_created ON products (tenant_id, created_at, id);
CREATE INDEX products_of_category ON products (tenant_id, category, sku, id);
CREATE TABLE price_books (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name json NOT NULL,
    currency text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    prices_include_tax boolean NOT NULL,
    customer_groups text[] NOT NULL,
    priority integer NOT NULL,
    taxes json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX price_books_applying ON price_books (tenant_id, currency, valid_from, id);
CREATE TABLE prices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    price_book_id uuid NOT NULL,
    product_id uuid NOT NULL,
    tiers json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT prices_once_a_book UNIQUE (tenant_id, price_book_id, product_id),
    FOREIGN KEY (tenant_id, price_book_id) REFERENCES price_books,
    FOREIGN KEY (tenant_id, product_id) REFERENCES products
);
CREATE INDEX prices_created ON prices (tenant_id, price_book_id, created_at, id);
CREATE INDEX prices_of_product ON prices (tenant_id, product_id);
CREATE TABLE customer_group_members (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    "group" text COLLATE "C" NOT NULL,
    person_id uuid,
    company_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX customer_group_members_created
    ON customer_group_members (tenant_id, created_at, id);
CREATE INDEX customer_group_members_in
    ON customer_group_members (tenant_id, "group", created_at, id);
CREATE INDEX customer_group_members_person ON customer_group_members (tenant_id, person_id);
CREATE INDEX customer_group_members_company ON customer_group_members (tenant_id, company_id);
"""


def upgrade() -> None:
    """Create the tables of what is sold and for how much."""
    op.execute(_TABLES)
    for table in ("products", "price_books", "prices", "customer_group_members"):
        protect(table)
