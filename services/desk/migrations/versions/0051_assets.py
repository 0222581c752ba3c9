"""What customers own, what orders say of it, who registers what, and by which clock days go."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0051"
down_revision = "0030"

_ASSETS = """
CREATE TABLE tenant_zones (
    tenant_id uuid NOT NULL,
    time_zone text COLLATE "C" NOT NULL,
    aggregate_version bigint NOT NULL,
    PRIMARY KEY (tenant_id)
);
CREATE TABLE asset_models (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    product_sku text COLLATE "C" NOT NULL,
    name text NOT NULL,
    model text NOT NULL,
    warranty_months integer NOT NULL,
    registration text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT asset_models_sku_unique UNIQUE (tenant_id, product_sku)
);
CREATE TABLE assets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    product_sku text COLLATE "C" NOT NULL,
    name text NOT NULL,
    model text NOT NULL,
    serial_number text NOT NULL,
    serial_key text COLLATE "C",
    quantity integer NOT NULL,
    person_id uuid,
    company_id uuid,
    status text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    bought_on date,
    warranty_until date,
    order_id uuid,
    order_number text COLLATE "C" NOT NULL,
    line_id text COLLATE "C" NOT NULL,
    delivery_id text COLLATE "C" NOT NULL,
    notes text NOT NULL,
    replaced_by_id uuid,
    owned_since timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT assets_serial_once UNIQUE (tenant_id, product_sku, serial_key)
);
CREATE INDEX assets_created ON assets (tenant_id, created_at, id);
CREATE INDEX assets_of_person ON assets (tenant_id, person_id, product_sku, status, id);
CREATE INDEX assets_of_company ON assets (tenant_id, company_id, id);
CREATE INDEX assets_of_serial ON assets (tenant_id, serial_key, id);
CREATE INDEX assets_of_product ON assets (tenant_id, product_sku, created_at, id);
CREATE UNIQUE INDEX assets_of_delivery ON assets (tenant_id, order_id, line_id, delivery_id)
    WHERE order_id IS NOT NULL AND serial_key IS NULL;
CREATE INDEX assets_of_order ON assets (tenant_id, order_id, id);
CREATE TABLE asset_history (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    version bigint NOT NULL,
    what text COLLATE "C" NOT NULL,
    fields json NOT NULL,
    actor text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, asset_id) REFERENCES assets
);
CREATE INDEX asset_history_of_asset ON asset_history (tenant_id, asset_id, at, id);
CREATE TABLE asset_movements (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    order_number text COLLATE "C" NOT NULL,
    line_id text COLLATE "C" NOT NULL,
    product_sku text COLLATE "C" NOT NULL,
    name text NOT NULL,
    quantity numeric NOT NULL,
    serial_numbers json NOT NULL,
    person_id uuid,
    company_id uuid,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT asset_movements_once UNIQUE (tenant_id, order_id, line_id, kind, key)
);
CREATE INDEX asset_movements_of_product
    ON asset_movements (tenant_id, product_sku, order_id, line_id);
CREATE INDEX asset_movements_of_person ON asset_movements (tenant_id, person_id);
"""
_REGISTRATIONS = """
CREATE TABLE asset_registrations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    product_sku text COLLATE "C" NOT NULL,
    serial_number text NOT NULL,
    serial_key text COLLATE "C" NOT NULL,
    person_id uuid,
    bought_on date,
    order_number text NOT NULL,
    channel text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    asset_id uuid,
    decided_by text COLLATE "C" NOT NULL,
    decided_at timestamptz,
    decision_reason text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX asset_registrations_waiting
    ON asset_registrations (tenant_id, person_id, product_sku, serial_key)
    WHERE status = 'waiting';
CREATE INDEX asset_registrations_received ON asset_registrations (tenant_id, received_at, id);
CREATE INDEX asset_registrations_standing
    ON asset_registrations (tenant_id, status, received_at, id);
CREATE INDEX asset_registrations_of_person
    ON asset_registrations (tenant_id, person_id, received_at);
"""
_TABLES = (
    "tenant_zones",
    "asset_models",
    "assets",
    "asset_history",
    "asset_movements",
    "asset_registrations",
)


def upgrade() -> None:
    """Create the tables of what customers own."""
    op.execute(_ASSETS)
    op.execute(_REGISTRATIONS)
    for table in _TABLES:
        protect(table)
