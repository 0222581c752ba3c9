"""Timelines: what happened with people in every service."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table of timelines."""
    op.execute(
        """
        CREATE TABLE timeline_entries (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            person_id uuid NOT NULL,
            occurred_at timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            kind text COLLATE "C" NOT NULL,
            channel text COLLATE "C" NOT NULL,
            service text COLLATE "C" NOT NULL,
            fact_type text COLLATE "C" NOT NULL,
            record_id uuid NOT NULL,
            actor text NOT NULL,
            value_amount numeric,
            value_currency text,
            details json NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
        );
        CREATE INDEX timeline_of ON timeline_entries (tenant_id, person_id, occurred_at, id);
        """
    )
    # What happened stays as it was; a merge hands it to another person.
    protect("timeline_entries", may="SELECT, INSERT, DELETE")
    op.execute("GRANT UPDATE (person_id) ON timeline_entries TO contacts_runtime")
