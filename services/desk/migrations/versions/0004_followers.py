"""Who follows tickets besides those who asked by them."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0004"
down_revision = "0051"


def upgrade() -> None:
    """Create the table of followers."""
    op.execute(
        """
        CREATE TABLE ticket_followers (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            ticket_id uuid NOT NULL,
            person_id uuid,
            address text COLLATE "C" NOT NULL,
            since timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
        );
        CREATE INDEX ticket_followers_of_ticket ON ticket_followers (tenant_id, ticket_id, id);
        CREATE INDEX ticket_followers_of_person ON ticket_followers (tenant_id, person_id);
        """
    )
    protect("ticket_followers")
