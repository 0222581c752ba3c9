"""What agents have promised to customers, and the times that were promised before."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0011"
down_revision = "0050"


def upgrade() -> None:
    """Create the tables of promises."""
    op.execute(
        """
        CREATE TABLE promises (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            ticket_id uuid NOT NULL,
            status text COLLATE "C" NOT NULL,
            due_at timestamptz NOT NULL,
            contact_by text COLLATE "C" NOT NULL,
            note text COLLATE "C" NOT NULL,
            user_id uuid,
            queue_id uuid,
            remind_minutes integer,
            kept_by_reply boolean NOT NULL,
            made_by text COLLATE "C" NOT NULL,
            made_at timestamptz NOT NULL,
            reminded_at timestamptz,
            broken_at timestamptz,
            kept_at timestamptz,
            kept_by text COLLATE "C",
            withdrawn_at timestamptz,
            rescheduled integer NOT NULL,
            settled_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX promises_of_ticket ON promises (tenant_id, ticket_id, due_at, id);
        CREATE INDEX promises_due ON promises (tenant_id, due_at, id);
        CREATE INDEX promises_made ON promises (tenant_id, made_at, id);
        CREATE INDEX promises_of_user ON promises (tenant_id, user_id, status, due_at, id);
        CREATE INDEX promises_settled ON promises (tenant_id, settled_at);
        CREATE TABLE promise_moves (
            tenant_id uuid NOT NULL,
            promise_id uuid NOT NULL,
            number integer NOT NULL,
            ticket_id uuid NOT NULL,
            from_due_at timestamptz NOT NULL,
            to_due_at timestamptz NOT NULL,
            reason text COLLATE "C" NOT NULL,
            at timestamptz NOT NULL,
            by text COLLATE "C" NOT NULL,
            PRIMARY KEY (tenant_id, promise_id, number)
        );
        CREATE INDEX promise_moves_of_ticket ON promise_moves (tenant_id, ticket_id);
        """
    )
    for table in ("promises", "promise_moves"):
        protect(table)
