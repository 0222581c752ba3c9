"""Offers to customers who drift away or were lost, and to whom they were made."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0062"
down_revision = "0041"

_TABLES = """
CREATE TABLE win_backs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    name json NOT NULL,
    audience json NOT NULL,
    offer json NOT NULL,
    counts_days integer NOT NULL,
    status text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    begun_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX win_backs_created ON win_backs (tenant_id, created_at, id);
CREATE TABLE win_back_offers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    win_back_id uuid NOT NULL,
    person_id uuid,
    member_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    buyer_id uuid NOT NULL,
    absent_since timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    value_band text COLLATE "C",
    held_out boolean NOT NULL,
    coupon_id uuid,
    made_at timestamptz NOT NULL,
    counts_until timestamptz NOT NULL,
    won_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT win_back_offers_once UNIQUE (tenant_id, win_back_id, customer_id, absent_since),
    FOREIGN KEY (tenant_id, win_back_id) REFERENCES win_backs
);
CREATE INDEX win_back_offers_made ON win_back_offers (tenant_id, win_back_id, made_at, id);
CREATE INDEX win_back_offers_of_person ON win_back_offers (tenant_id, person_id, made_at);
"""


def upgrade() -> None:
    """Create the tables of win-backs."""
    op.execute(_TABLES)
    for table in ("win_backs", "win_back_offers"):
        protect(table)
