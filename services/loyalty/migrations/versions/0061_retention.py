"""Who drifts away, is lost and returns: purchases, customers, their spells, and what is expected of them."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0061"
down_revision = "0031"

_TABLES = """
CREATE TABLE retention_definitions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    rules json NOT NULL,
    rules_version bigint NOT NULL,
    defined_at timestamptz,
    evaluated_at timestamptz,
    organisation_zone text COLLATE "C" NOT NULL,
    zone_version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE retention_cycles (
    tenant_id uuid NOT NULL,
    category text COLLATE "C" NOT NULL,
    days integer NOT NULL,
    buyers integer NOT NULL,
    PRIMARY KEY (tenant_id, category)
);
CREATE TABLE retention_purchases (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid,
    customer_id uuid,
    bought_at timestamptz,
    delivered numeric(20, 4) NOT NULL,
    refunded numeric(20, 4) NOT NULL,
    currency text COLLATE "C" NOT NULL,
    categories text[] COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX retention_purchases_of_person ON retention_purchases (tenant_id, person_id, bought_at);
CREATE INDEX retention_purchases_of_customer
    ON retention_purchases (tenant_id, customer_id, bought_at);
CREATE TABLE retention_customers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid,
    rules_version bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    state_since timestamptz,
    first_bought_at timestamptz,
    last_bought_at timestamptz NOT NULL,
    counted_from timestamptz,
    drifts_at timestamptz,
    lapses_at timestamptz,
    purchases integer NOT NULL,
    category text COLLATE "C" NOT NULL,
    cycle_days integer NOT NULL,
    cycle_source text COLLATE "C" NOT NULL,
    turnover numeric(20, 4),
    currency text COLLATE "C",
    value_band text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT retention_customers_once UNIQUE (tenant_id, person_id)
);
CREATE INDEX retention_customers_in_state
    ON retention_customers (tenant_id, state, last_bought_at, id);
CREATE INDEX retention_customers_by_last ON retention_customers (tenant_id, last_bought_at, id);
CREATE TABLE retention_spells (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    is_first boolean NOT NULL,
    last_bought_at timestamptz NOT NULL,
    turnover numeric(20, 4),
    currency text COLLATE "C",
    value_band text COLLATE "C",
    timing text COLLATE "C" NOT NULL,
    order_reason text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, began_at)
);
CREATE INDEX retention_spells_by_end ON retention_spells (tenant_id, ends_at, customer_id);
CREATE TABLE retention_loss_reasons (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    reason text COLLATE "C" NOT NULL,
    entered_by text COLLATE "C" NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, began_at)
);
"""


def upgrade() -> None:
    """Create the tables of retention."""
    op.execute(_TABLES)
    for table in (
        "retention_definitions",
        "retention_cycles",
        "retention_purchases",
        "retention_customers",
        "retention_spells",
        "retention_loss_reasons",
    ):
        protect(table)
