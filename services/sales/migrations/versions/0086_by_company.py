"""Activities and leads of a company, found without reading all of a tenant's (SA-1, SA-8)."""

from alembic import op

revision = "0086"
down_revision = "0085"


def upgrade() -> None:
    """Add the indexes; the order is that of the lists."""
    op.execute(
        "CREATE INDEX activities_of_company ON activities (tenant_id, company_id, created_at, id)"
    )
    op.execute("CREATE INDEX leads_of_company ON leads (tenant_id, company_id, captured_at, id)")
