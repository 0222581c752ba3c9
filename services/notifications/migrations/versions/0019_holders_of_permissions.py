"""What holders of a permission are to be told, and which first rules each tenant was given."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0019"
down_revision = "0018"


_TELLINGS = """
CREATE TABLE rule_tellings (
    tenant_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    fact_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    permission text COLLATE "C" NOT NULL,
    reach text NOT NULL,
    role_id uuid,
    but_user_id uuid,
    channel text NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    template text COLLATE "C" NOT NULL,
    variables json NOT NULL,
    send_at timestamptz,
    noted_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    PRIMARY KEY (tenant_id, rule_id, fact_id),
    FOREIGN KEY (tenant_id, rule_id) REFERENCES rules (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX rule_tellings_due ON rule_tellings (tenant_id, due_at);
"""
_FIRST_RULES = """
CREATE TABLE first_rules_given (
    tenant_id uuid PRIMARY KEY,
    series integer NOT NULL
);
INSERT INTO first_rules_given (tenant_id, series) SELECT tenant_id, 1 FROM fact_positions;
"""


def upgrade() -> None:
    """Create both; whoever is here by now has the first series, or has removed what was in it."""
    op.execute(_TELLINGS)
    protect("rule_tellings")
    open_to_system("rule_tellings", may="SELECT, UPDATE, DELETE")
    op.execute(_FIRST_RULES)
    protect("first_rules_given", may="SELECT, INSERT, UPDATE")
    open_to_system("first_rules_given", may="SELECT")
    open_to_system("rules", may="SELECT")
