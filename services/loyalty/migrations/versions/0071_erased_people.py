"""Who was erased is remembered, so that facts that arrive later do not bring them back."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0071"
down_revision = "0070"

_TABLE = """
CREATE TABLE erased_people (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
)
"""


def upgrade() -> None:
    """Remember erasures from now on."""
    op.execute(_TABLE)
    protect("erased_people", may="SELECT, INSERT")
