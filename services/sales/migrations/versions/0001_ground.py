"""What the chassis keeps, who was merged with whom, reasons, and what money is worth."""

from alembic import op

from chassis.storage.ddl import create_chassis_tables, protect

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE person_merges (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    person_id uuid NOT NULL,
    merged_person_id uuid NOT NULL,
    undone boolean NOT NULL,
    PRIMARY KEY (tenant_id, merge_id)
);
CREATE INDEX person_merges_gone ON person_merges (tenant_id, merged_person_id);
CREATE TABLE moved_records (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, kind, record_id)
);
CREATE TABLE reasons (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT reasons_key_unique UNIQUE (tenant_id, kind, key)
);
CREATE TABLE currency_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    base_currency text COLLATE "C",
    in_use boolean NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE exchange_rates (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    base_currency text COLLATE "C" NOT NULL,
    rate numeric(20, 10) NOT NULL,
    valid_from date NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT exchange_rates_day_unique
        UNIQUE (tenant_id, base_currency, currency, valid_from)
);
"""


def upgrade() -> None:
    """Create the tables that every slice stands on."""
    create_chassis_tables()
    op.execute(_TABLES)
    for table in (
        "person_merges",
        "moved_records",
        "reasons",
        "currency_settings",
        "exchange_rates",
    ):
        protect(table)
