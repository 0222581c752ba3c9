"""Badges and privileges, what recommendations give, the codes of members, and who came by them."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0050"
down_revision = "0010"

_TABLES = """
CREATE TABLE recognitions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    person_id uuid,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    cause_kind text COLLATE "C" NOT NULL,
    cause_key text COLLATE "C" NOT NULL,
    awarded_at timestamptz NOT NULL,
    valid_until timestamptz,
    withdrawn_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT recognitions_once UNIQUE (tenant_id, member_id, cause_kind, cause_key)
);
CREATE INDEX recognitions_awarded ON recognitions (tenant_id, awarded_at, id);
CREATE INDEX recognitions_of_person ON recognitions (tenant_id, person_id);
CREATE TABLE referral_terms (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    policy json NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE referral_codes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    person_id uuid,
    code text COLLATE "C" NOT NULL,
    shown_name text NOT NULL,
    enabled boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT referral_codes_member_once UNIQUE (tenant_id, member_id),
    CONSTRAINT referral_codes_unique UNIQUE (code)
);
CREATE INDEX referral_codes_created ON referral_codes (tenant_id, created_at, id);
CREATE INDEX referral_codes_of_person ON referral_codes (tenant_id, person_id);
CREATE TABLE referrals (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    code_id uuid NOT NULL,
    referrer_person_id uuid,
    friend_person_id uuid,
    state text COLLATE "C" NOT NULL,
    policy json NOT NULL,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    completed_at timestamptz,
    order_id uuid,
    order_amount numeric(20, 4),
    order_currency text COLLATE "C",
    reason text COLLATE "C",
    decided_by text COLLATE "C" NOT NULL,
    capped boolean NOT NULL,
    rewards json NOT NULL,
    referrer_rewarded_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, code_id) REFERENCES referral_codes
);
CREATE INDEX referrals_claimed ON referrals (tenant_id, claimed_at, id);
CREATE INDEX referrals_of_program ON referrals (tenant_id, program_id, claimed_at);
CREATE INDEX referrals_of_referrer ON referrals (tenant_id, referrer_person_id, program_id);
CREATE INDEX referrals_of_friend ON referrals (tenant_id, friend_person_id);
"""


def upgrade() -> None:
    """Create the tables of recommendations."""
    op.execute(_TABLES)
    for table in ("recognitions", "referral_terms", "referral_codes", "referrals"):
        protect(table)
    # A code is looked up before it is known whose it is: the page that it leads to needs no token.
    open_to_system("referral_codes", may="SELECT (tenant_id, code)")
