"""Pools of coupons, the batches of codes made for them, the coupons, and their uses."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0040"
down_revision = "0002"

_TABLES = """
CREATE TABLE coupon_pools (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    name json NOT NULL,
    description json NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    public_code text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    benefit json NOT NULL,
    conditions json NOT NULL,
    limits json NOT NULL,
    stacking json NOT NULL,
    valid_from date,
    valid_until date,
    valid_days integer,
    issued_on text COLLATE "C" NOT NULL,
    template text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, program_id) REFERENCES programs
);
CREATE INDEX coupon_pools_created ON coupon_pools (tenant_id, created_at, id);
CREATE INDEX coupon_pools_of_campaign ON coupon_pools (tenant_id, campaign, id);
CREATE INDEX coupon_pools_issued_on ON coupon_pools (tenant_id, issued_on, id)
    WHERE state = 'active' AND issued_on <> '';
CREATE TABLE coupon_tallies (
    tenant_id uuid NOT NULL,
    pool_id uuid NOT NULL,
    uses bigint NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (tenant_id, pool_id),
    FOREIGN KEY (tenant_id, pool_id) REFERENCES coupon_pools
);
CREATE TABLE coupon_batches (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    pool_id uuid NOT NULL,
    count integer NOT NULL,
    job_id uuid,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    made_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, pool_id) REFERENCES coupon_pools
);
CREATE INDEX coupon_batches_created ON coupon_batches (tenant_id, created_at, id);
CREATE INDEX coupon_batches_of_pool ON coupon_batches (tenant_id, pool_id, created_at, id);
CREATE TABLE coupons (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    pool_id uuid NOT NULL,
    batch_id uuid,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    ending text COLLATE "C" NOT NULL,
    person_id uuid,
    state text COLLATE "C" NOT NULL,
    uses integer NOT NULL,
    most_uses integer,
    time_zone text COLLATE "C",
    issued_at timestamptz,
    expires_at timestamptz,
    cause_kind text COLLATE "C",
    cause_key text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT coupons_code_once UNIQUE (tenant_id, digest),
    CONSTRAINT coupons_cause_once UNIQUE (tenant_id, pool_id, cause_kind, cause_key),
    FOREIGN KEY (tenant_id, pool_id) REFERENCES coupon_pools
);
CREATE INDEX coupons_created ON coupons (tenant_id, created_at, id);
CREATE INDEX coupons_of_pool ON coupons (tenant_id, pool_id, created_at, id);
CREATE INDEX coupons_of_person ON coupons (tenant_id, person_id, created_at, id)
    WHERE person_id IS NOT NULL;
CREATE TABLE coupon_uses (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    coupon_id uuid NOT NULL,
    pool_id uuid NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    person_id uuid,
    order_id uuid,
    order_reference text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    discount numeric(20, 4) NOT NULL,
    basket_total numeric(20, 4) NOT NULL,
    lines json NOT NULL,
    points bigint NOT NULL,
    member_id uuid,
    first_purchase boolean NOT NULL,
    redeemed_at timestamptz NOT NULL,
    rolled_back_at timestamptz,
    rolled_back_for text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupons,
    FOREIGN KEY (tenant_id, pool_id) REFERENCES coupon_pools
);
CREATE UNIQUE INDEX coupon_uses_once_for_order
    ON coupon_uses (tenant_id, coupon_id, order_reference) WHERE rolled_back_at IS NULL;
CREATE INDEX coupon_uses_redeemed ON coupon_uses (tenant_id, redeemed_at, id);
CREATE INDEX coupon_uses_of_pool ON coupon_uses (tenant_id, pool_id, redeemed_at, id);
CREATE INDEX coupon_uses_of_person ON coupon_uses (tenant_id, person_id, pool_id)
    WHERE person_id IS NOT NULL;
CREATE INDEX coupon_uses_of_order ON coupon_uses (tenant_id, order_reference, id);
CREATE INDEX coupon_uses_of_order_id ON coupon_uses (tenant_id, order_id)
    WHERE order_id IS NOT NULL;
"""


def upgrade() -> None:
    """Create the tables of coupons."""
    op.execute(_TABLES)
    for table in ("coupon_pools", "coupon_tallies", "coupon_batches", "coupons", "coupon_uses"):
        protect(table)
