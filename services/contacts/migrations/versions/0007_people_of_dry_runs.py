"""Whom the rows of a dry run are about: people, and those whom an earlier row would create."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Keep what a dry run knows by the person; what there is belongs to runs that are over."""
    op.execute(
        """
        DELETE FROM import_keys;
        ALTER TABLE import_keys
            DROP CONSTRAINT import_keys_pkey,
            ADD COLUMN person_id uuid NOT NULL,
            ALTER COLUMN row DROP NOT NULL,
            ADD PRIMARY KEY (tenant_id, import_id, run, kind, key, person_id);
        """
    )
