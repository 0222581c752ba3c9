"""Who was told that points expire, and points that are given or taken by hand."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0011"
down_revision = "0022"


def upgrade() -> None:
    """Create the tables of notices and adjustments."""
    op.execute(
        """
        CREATE TABLE expiry_notices (
            tenant_id uuid NOT NULL,
            member_id uuid NOT NULL,
            expires_at timestamptz NOT NULL,
            days integer NOT NULL,
            points bigint NOT NULL,
            told_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, member_id, expires_at, days)
        );
        CREATE TABLE adjustments (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            program_id uuid NOT NULL,
            member_id uuid NOT NULL,
            points bigint NOT NULL,
            reason text NOT NULL,
            state text COLLATE "C" NOT NULL,
            asked_by text COLLATE "C" NOT NULL,
            asked_on date NOT NULL,
            waits_until timestamptz,
            decided_by text COLLATE "C",
            decided_at timestamptz,
            decision_reason text NOT NULL,
            transaction_id uuid,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT adjustments_of_something CHECK (points <> 0)
        );
        CREATE INDEX adjustments_created ON adjustments (tenant_id, created_at, id);
        CREATE INDEX adjustments_of_member ON adjustments (tenant_id, member_id, created_at, id);
        CREATE INDEX adjustments_of_day ON adjustments (tenant_id, program_id, asked_by, asked_on);
        """
    )
    protect("expiry_notices", may="SELECT, INSERT")
    protect("adjustments")
