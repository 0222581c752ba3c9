"""Programs, and what the chassis keeps."""

from alembic import op

from chassis.storage.ddl import create_chassis_tables, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table of programs."""
    create_chassis_tables()
    op.execute(
        """
        CREATE TABLE programs (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            key text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            description text NOT NULL,
            points_name json NOT NULL,
            currency text COLLATE "C" NOT NULL,
            point_value numeric(20, 6) NOT NULL,
            time_zone text COLLATE "C" NOT NULL,
            leap_day text COLLATE "C" NOT NULL,
            enrolment json NOT NULL,
            numbers json NOT NULL,
            policies json NOT NULL,
            status text COLLATE "C" NOT NULL,
            redeem_until date,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            opened_at timestamptz,
            closed_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT programs_key_unique UNIQUE (tenant_id, key)
        );
        CREATE INDEX programs_created ON programs (tenant_id, created_at, id);
        CREATE INDEX programs_named ON programs (tenant_id, name, id);
        """
    )
    protect("programs")
