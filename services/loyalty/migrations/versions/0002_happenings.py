"""What befell people, whatever told of it."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of happenings."""
    op.execute(
        """
        CREATE TABLE happenings (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            person_id uuid,
            happened_at timestamptz NOT NULL,
            judged_at timestamptz NOT NULL,
            channel text COLLATE "C" NOT NULL,
            branch text COLLATE "C" NOT NULL,
            amount numeric(20, 4),
            currency text COLLATE "C",
            order_id uuid,
            order_number text COLLATE "C" NOT NULL,
            lines jsonb NOT NULL,
            properties jsonb NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT happenings_once UNIQUE (tenant_id, kind, key)
        );
        CREATE INDEX happenings_of_person ON happenings (tenant_id, person_id, happened_at);
        CREATE INDEX happenings_of_order ON happenings (tenant_id, order_id)
            WHERE order_id IS NOT NULL;
        CREATE INDEX happenings_in_time ON happenings (tenant_id, kind, happened_at, id);
        """
    )
    protect("happenings")
