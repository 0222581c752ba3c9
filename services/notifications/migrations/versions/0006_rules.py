"""Rules from facts to messages, and for whom each has fired."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0006"
down_revision = "0005"


_RULES = """
CREATE TABLE rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    fact_type text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    template text COLLATE "C" NOT NULL,
    channel text NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    delay_seconds integer NOT NULL,
    once_per text NOT NULL,
    condition json NOT NULL,
    recipient json NOT NULL,
    variables json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX rules_waiting ON rules (tenant_id, fact_type) WHERE enabled;
CREATE INDEX rules_named ON rules (tenant_id, name, id);
CREATE TABLE rule_firings (
    tenant_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    fact_id uuid NOT NULL,
    fired_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, rule_id, recipient_id, subject_id),
    FOREIGN KEY (tenant_id, rule_id) REFERENCES rules (tenant_id, id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """Create the tables of rules; that a rule has fired is never taken back."""
    op.execute(_RULES)
    protect("rules")
    protect("rule_firings", may="SELECT, INSERT")
