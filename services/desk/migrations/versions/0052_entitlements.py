"""Service contracts, what tickets use of them, and what of sales they follow from."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0052"
down_revision = "0004"

_CONTRACTS = """
CREATE TABLE service_products (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    sku text COLLATE "C" NOT NULL,
    name text NOT NULL,
    covers json NOT NULL,
    allowance_kind text COLLATE "C" NOT NULL,
    allowance integer NOT NULL,
    period text COLLATE "C" NOT NULL,
    notice_days integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT service_products_sku_unique UNIQUE (tenant_id, sku)
);
CREATE TABLE entitlements (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    person_id uuid,
    company_id uuid,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    term_starts_on date NOT NULL,
    coverage json NOT NULL,
    allowance_kind text COLLATE "C" NOT NULL,
    allowance integer NOT NULL,
    period text COLLATE "C" NOT NULL,
    notice_days integer NOT NULL,
    service_sku text COLLATE "C" NOT NULL,
    subscription_id uuid,
    status text COLLATE "C" NOT NULL,
    told_of_end date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT entitlements_of_subscription_once
        UNIQUE (tenant_id, subscription_id, service_sku)
);
CREATE INDEX entitlements_created ON entitlements (tenant_id, created_at, id);
CREATE INDEX entitlements_ending ON entitlements (tenant_id, ends_on, id);
CREATE INDEX entitlements_of_person ON entitlements (tenant_id, person_id, ends_on);
CREATE INDEX entitlements_of_company ON entitlements (tenant_id, company_id, ends_on);
CREATE TABLE entitlement_uses (
    tenant_id uuid NOT NULL,
    entitlement_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    amount integer NOT NULL,
    period_starts_on date NOT NULL,
    used_on date NOT NULL,
    used_at timestamptz NOT NULL,
    used_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, entitlement_id, ticket_id),
    FOREIGN KEY (tenant_id, entitlement_id) REFERENCES entitlements
);
CREATE INDEX entitlement_uses_of_period
    ON entitlement_uses (tenant_id, entitlement_id, period_starts_on);
CREATE TABLE service_order_skus (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, order_id, sku)
);
CREATE TABLE service_subscriptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    person_id uuid,
    company_id uuid,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    status text COLLATE "C" NOT NULL,
    heard bigint NOT NULL,
    status_heard bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX service_subscriptions_of_order ON service_subscriptions (tenant_id, order_id, id);
CREATE INDEX service_subscriptions_of_person ON service_subscriptions (tenant_id, person_id);
"""
_TABLES = (
    "service_products",
    "entitlements",
    "entitlement_uses",
    "service_order_skus",
    "service_subscriptions",
)


def upgrade() -> None:
    """Create the tables of service contracts."""
    op.execute(_CONTRACTS)
    for table in _TABLES:
        protect(table)
