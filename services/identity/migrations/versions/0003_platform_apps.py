"""Device codes of apps that belong to no tenant: whoever answers says which tenant it is."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_ANSWERED_BY = """
ALTER TABLE device_codes
    ADD COLUMN session_tenant_id uuid,
    DROP CONSTRAINT device_codes_session;
UPDATE device_codes SET session_tenant_id = tenant_id WHERE session_id IS NOT NULL;
ALTER TABLE device_codes
    ADD CONSTRAINT device_codes_session FOREIGN KEY (session_tenant_id, session_id)
        REFERENCES sessions (tenant_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT device_codes_answer_whole
        CHECK ((session_id IS NULL) = (session_tenant_id IS NULL)),
    -- A request that belongs to a tenant is answered there; those of the platform's apps have none.
    ADD CONSTRAINT device_codes_answered_at_home
        CHECK (tenant_id IN (session_tenant_id, '00000000-0000-0000-0000-000000000000'));
DROP INDEX device_codes_by_session;
CREATE INDEX device_codes_by_session ON device_codes (session_tenant_id, session_id);
"""


def upgrade() -> None:
    """Let an answer come from another tenant than the request, where the request has none."""
    op.execute(_ANSWERED_BY)
