"""What a customer is judged by on top of what is known: their rhythms, and how their life stands.

Customers without it are judged by their whole history with the next that befalls them, which fills it.
"""

from alembic import op

from chassis.storage.ddl import protect

revision = "0082"
down_revision = "0081"


def upgrade() -> None:
    """Keep what was counted, so that it need not be counted again."""
    op.execute(
        """
        ALTER TABLE retention_customers
            ADD COLUMN began_at timestamptz,
            ADD COLUMN over_at timestamptz,
            ADD COLUMN known_until timestamptz;
        CREATE TABLE retention_rhythms (
            tenant_id uuid NOT NULL,
            customer_id uuid NOT NULL,
            category text COLLATE "C" NOT NULL,
            purchases integer NOT NULL,
            last_bought_at timestamptz NOT NULL,
            last_on date NOT NULL,
            gaps jsonb NOT NULL,
            PRIMARY KEY (tenant_id, customer_id, category)
        );
        """
    )
    protect("retention_rhythms")
