"""Who has asked, where only an address is known."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0003"
down_revision = "0020"


def upgrade() -> None:
    """Create the table of what contacts is to be asked."""
    op.execute(
        """
        CREATE TABLE requester_questions (
            tenant_id uuid NOT NULL,
            ticket_id uuid NOT NULL,
            address text COLLATE "C" NOT NULL,
            name text NOT NULL,
            language text COLLATE "C" NOT NULL,
            due_at timestamptz NOT NULL,
            attempts integer NOT NULL,
            PRIMARY KEY (tenant_id, ticket_id),
            FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
        );
        CREATE INDEX requester_questions_due ON requester_questions (due_at);
        """
    )
    protect("requester_questions")
    # Who is due is found before the tenant is known; who it is, is not shown.
    open_to_system(
        "requester_questions",
        may="SELECT (tenant_id, ticket_id, due_at, attempts), UPDATE (due_at, attempts)",
    )
