"""Playbooks that begin when a lead fits conditions, and which leads they have begun for."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0061"
down_revision = "0072"

_TABLES = """
ALTER TABLE playbooks
    ALTER COLUMN pipeline_id DROP NOT NULL,
    ADD COLUMN lead_conditions json NOT NULL DEFAULT '[]';
CREATE TABLE lead_playbook_starts (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    playbook_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, playbook_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads,
    FOREIGN KEY (tenant_id, playbook_id) REFERENCES playbooks
);
"""


def upgrade() -> None:
    """Keep what leads have to be, and where a playbook has begun: once for each lead."""
    op.execute(_TABLES)
    protect("lead_playbook_starts", may="SELECT, INSERT")
