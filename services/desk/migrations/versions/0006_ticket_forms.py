"""Forms by which visitors open tickets, and what they hold back."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0006"
down_revision = "0070"


def upgrade() -> None:
    """Create both tables."""
    op.execute(
        """
        CREATE TABLE ticket_forms (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            key text COLLATE "C" NOT NULL,
            name text NOT NULL,
            allowed_origins text[] COLLATE "C" NOT NULL,
            type text COLLATE "C" NOT NULL,
            queue_id uuid,
            tags text[] COLLATE "C" NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            archived_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT ticket_forms_key_unique UNIQUE (tenant_id, key)
        );
        CREATE UNIQUE INDEX ticket_forms_found ON ticket_forms (id);
        CREATE INDEX ticket_forms_created ON ticket_forms (tenant_id, created_at, id);
        CREATE TABLE ticket_submissions (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            ticket_form_id uuid NOT NULL,
            state text COLLATE "C" NOT NULL,
            reasons text[] COLLATE "C" NOT NULL,
            answers json NOT NULL,
            received_at timestamptz NOT NULL,
            reviewed_at timestamptz,
            reviewed_by text COLLATE "C",
            ticket_id uuid,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, ticket_form_id) REFERENCES ticket_forms
        );
        CREATE INDEX ticket_submissions_received
            ON ticket_submissions (tenant_id, received_at, id);
        CREATE INDEX ticket_submissions_waiting
            ON ticket_submissions (tenant_id, ticket_form_id, state);
        """
    )
    protect("ticket_forms")
    protect("ticket_submissions")
    # Whose a form is, is found before the tenant is known.
    open_to_system("ticket_forms", may="SELECT (tenant_id, id)")
