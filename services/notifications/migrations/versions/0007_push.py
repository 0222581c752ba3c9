"""Devices that take pushed messages."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table of push subscriptions."""
    op.execute(
        """
        CREATE TABLE push_subscriptions (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            person_id uuid,
            user_id uuid,
            fingerprint bytea NOT NULL,
            sealed bytea NOT NULL,
            label text NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT push_subscriptions_endpoint_unique UNIQUE (tenant_id, fingerprint),
            CONSTRAINT push_subscriptions_of_one CHECK ((person_id IS NULL) <> (user_id IS NULL))
        );
        CREATE INDEX push_subscriptions_of_person
            ON push_subscriptions (tenant_id, person_id, created_at, id);
        CREATE INDEX push_subscriptions_of_user
            ON push_subscriptions (tenant_id, user_id, created_at, id);
        """
    )
    protect("push_subscriptions")
