"""What people are asked about themselves, and that they were."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0014"
down_revision = "0013"

_PROFILING = """
CREATE TABLE profile_questions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    asks_for text COLLATE "C" NOT NULL,
    text json NOT NULL,
    help_text json NOT NULL,
    purposes text[] NOT NULL,
    position integer NOT NULL,
    ask_again_after_days integer NOT NULL,
    most_times integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT profile_questions_key_unique UNIQUE (tenant_id, key)
);
CREATE TABLE question_asks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid NOT NULL,
    question_id uuid NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    outcome text NOT NULL,
    channel text,
    asked_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, question_id) REFERENCES profile_questions (tenant_id, id)
);
CREATE INDEX question_asks_of ON question_asks (tenant_id, person_id, asked_at, id);
"""


def upgrade() -> None:
    """Create the tables of progressive profiling."""
    op.execute(_PROFILING)
    protect("profile_questions", may="SELECT, INSERT, UPDATE")
    # That somebody was asked stays as it was noted; a merge hands it to another person.
    protect("question_asks", may="SELECT, INSERT, UPDATE, DELETE")
