"""What was passed on of what a converted lead has said about consent, after the conversion (SA-5)."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0084"
down_revision = "0083"

_TABLE = """
CREATE TABLE lead_consents_passed_on (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    kept_back json NOT NULL,
    passed_on_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lead_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES lead_conversions
);
"""
# Until now it was passed on before the conversion, which says what was kept back.
_WHAT_THERE_IS = """
INSERT INTO lead_consents_passed_on
SELECT tenant_id, lead_id, '[]', converted_at FROM lead_conversions
"""


def upgrade() -> None:
    """Create the table, and fill it with what was passed on."""
    op.execute(_TABLE)
    op.execute(_WHAT_THERE_IS)
    protect("lead_consents_passed_on", may="SELECT, INSERT")
