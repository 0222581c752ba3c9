"""Subscriptions with the movements of what they bring, and which products are sold that way."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0070"
down_revision = "0056"

_TABLES = """
ALTER TABLE products ADD COLUMN subscription json;
CREATE TABLE subscriptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    name text NOT NULL,
    person_id uuid,
    company_id uuid,
    owner_id uuid,
    order_id uuid,
    opportunity_id uuid,
    currency text COLLATE "C" NOT NULL,
    lines json NOT NULL,
    mrr numeric(20, 4) NOT NULL,
    base_currency text COLLATE "C",
    base_rate numeric(20, 10),
    term_months integer NOT NULL,
    billing_months integer NOT NULL,
    notice_days integer NOT NULL,
    auto_renew boolean NOT NULL,
    started_on date NOT NULL,
    term_starts_on date NOT NULL,
    day_of_month integer NOT NULL,
    extended_days integer NOT NULL,
    ends_on date NOT NULL,
    paused_on date,
    resumes_on date,
    planned_change json,
    cancel_reason text COLLATE "C",
    cancel_note text,
    cancelled_on date,
    cancelled_to date,
    notice_waived boolean,
    reminded_days integer,
    renewal_opportunity_id uuid,
    renewals integer NOT NULL,
    movements integer NOT NULL,
    ended_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX subscriptions_created ON subscriptions (tenant_id, created_at, id);
CREATE INDEX subscriptions_ending ON subscriptions (tenant_id, ends_on, id);
CREATE INDEX subscriptions_owned ON subscriptions (tenant_id, owner_id, created_at, id);
CREATE INDEX subscriptions_of_person ON subscriptions (tenant_id, person_id, created_at, id);
CREATE INDEX subscriptions_of_company ON subscriptions (tenant_id, company_id, created_at, id);
CREATE INDEX subscriptions_of_order ON subscriptions (tenant_id, order_id);
CREATE TABLE subscription_movements (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    number integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    moved_on date NOT NULL,
    currency text COLLATE "C" NOT NULL,
    amount numeric(20, 4) NOT NULL,
    base_currency text COLLATE "C",
    base_amount numeric(20, 4),
    reason text COLLATE "C" NOT NULL,
    proration numeric(20, 4),
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subscription_id, number),
    FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions
);
CREATE INDEX subscription_movements_by_day
    ON subscription_movements (tenant_id, moved_on, subscription_id);
CREATE TABLE subscription_settings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    reminder_days integer[] NOT NULL,
    pipeline_id uuid,
    time_zone text COLLATE "C" NOT NULL,
    zone_version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
"""


def upgrade() -> None:
    """Create the tables of subscriptions."""
    op.execute(_TABLES)
    for table in ("subscriptions", "subscription_movements", "subscription_settings"):
        protect(table)
