"""Rewards, how many there are of them, and what members have of them for points."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0041"
down_revision = "0021"

_TABLES = """
CREATE TABLE rewards (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    name json NOT NULL,
    description json NOT NULL,
    kind text COLLATE "C" NOT NULL,
    image_url text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    points bigint NOT NULL CHECK (points > 0),
    fulfilment text COLLATE "C" NOT NULL,
    coupon_pool_id uuid,
    stocking text COLLATE "C" NOT NULL,
    tiers json NOT NULL,
    valid_from date,
    valid_until date,
    most_per_member integer,
    per_period text COLLATE "C" NOT NULL,
    hold_days integer NOT NULL,
    return_percent integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, program_id) REFERENCES programs,
    FOREIGN KEY (tenant_id, coupon_pool_id) REFERENCES coupon_pools
);
CREATE INDEX rewards_created ON rewards (tenant_id, created_at, id);
CREATE INDEX rewards_by_price ON rewards (tenant_id, points, id);
CREATE TABLE reward_stock (
    tenant_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    branch text COLLATE "C" NOT NULL,
    available integer NOT NULL,
    PRIMARY KEY (tenant_id, reward_id, branch),
    FOREIGN KEY (tenant_id, reward_id) REFERENCES rewards,
    CONSTRAINT reward_stock_not_below_zero CHECK (available >= 0)
);
CREATE TABLE redemptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    reward_id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    person_id uuid,
    reward_name json NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    points bigint NOT NULL CHECK (points > 0),
    fulfilment text COLLATE "C" NOT NULL,
    branch text COLLATE "C" NOT NULL,
    stock_branch text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    code_digest bytea,
    coupon_id uuid,
    reference text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    return_percent integer NOT NULL,
    points_restored bigint NOT NULL,
    reserved_at timestamptz NOT NULL,
    held_until timestamptz,
    ended_at timestamptz,
    returned_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT redemptions_code_once UNIQUE (tenant_id, code_digest),
    FOREIGN KEY (tenant_id, reward_id) REFERENCES rewards,
    FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupons
);
CREATE INDEX redemptions_reserved ON redemptions (tenant_id, reserved_at, id);
CREATE INDEX redemptions_of_member ON redemptions (tenant_id, member_id, reward_id, reserved_at);
CREATE INDEX redemptions_of_person ON redemptions (tenant_id, person_id, reserved_at, id)
    WHERE person_id IS NOT NULL;
CREATE INDEX redemptions_of_reward ON redemptions (tenant_id, reward_id, reserved_at, id);
"""


def upgrade() -> None:
    """Create the tables of rewards and redemptions."""
    op.execute(_TABLES)
    for table in ("rewards", "reward_stock", "redemptions"):
        protect(table)
