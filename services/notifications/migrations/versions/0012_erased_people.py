"""Who was erased is remembered, so that facts that arrive later do not name them again."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import protect

revision = "0012"
down_revision = "0011"

_TABLE = """
CREATE TABLE erased_people (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
)
"""
# The feed has the erasures of thirty days, and for as long may older facts come again.
_KNOWN_SO_FAR = """
INSERT INTO erased_people (tenant_id, person_id, noted_at)
SELECT tenant_id, aggregate_id, stored_at FROM feed_facts
WHERE type IN (
    'rapport.contacts.events.v1.PersonErased', 'rapport.contacts.events.v1.PersonDeleted'
)
UNION ALL
SELECT tenant_id, merged::uuid, stored_at
FROM feed_facts, json_array_elements_text(data::json -> 'merged_person_ids') AS merged
WHERE type = 'rapport.contacts.events.v1.PersonErased'
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Remember erasures, those that the feed knows included."""
    op.execute(_TABLE)
    protect("erased_people", may="SELECT, INSERT")
    op.execute(_KNOWN_SO_FAR)
