"""By which keys people are compared with others, and who is still to be compared (CO-8)."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0021"
down_revision = "0020"

# The keys of a person stand in their row as well, so that those they had are known when they change; no
# second index is needed for that, which every new person would have to pay for.
_KEYS = """
CREATE TABLE person_match_keys (
    tenant_id uuid NOT NULL,
    key bigint NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, key, person_id)
);
ALTER TABLE people ADD COLUMN match_keys bigint[] NOT NULL DEFAULT '{}';
"""
# Whoever changes twice is in here twice: a writer never waits for whoever works on this.
_WAITING = """
CREATE TABLE people_to_compare (
    tenant_id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    person_id uuid NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, seq)
);
"""
# They get their keys when they are compared, which the service does step by step beside its work.
QUEUE = """
INSERT INTO people_to_compare (tenant_id, person_id)
SELECT tenant_id, id FROM people WHERE archived_at IS NULL ORDER BY tenant_id, id
"""


def upgrade() -> None:
    """Keep keys beside people, and have those who are there already wait to be compared."""
    op.execute(_KEYS)
    op.execute(_WAITING)
    op.execute(QUEUE)
    protect("person_match_keys", may="SELECT, INSERT, DELETE")
    protect("people_to_compare")
    open_to_system("people_to_compare", may="SELECT")
