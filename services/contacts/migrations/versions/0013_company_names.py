"""Companies are found by their names, too, however these are written."""

from alembic import op

revision = "0013"
down_revision = "0012"

# As `name_key` of the companies has it, but for accents: what is told apart here is found again once
# somebody changes the company. By the database's own collation: "C" knows letters of ASCII alone.
NAMES = """
INSERT INTO company_keys (tenant_id, kind, key, company_id)
SELECT DISTINCT c.tenant_id, 'name', k.key, c.id
FROM companies c
CROSS JOIN LATERAL (
    SELECT regexp_replace(lower(normalize(n.name, NFKC)), '[^[:alnum:]]+', '', 'g') AS key
    FROM (VALUES (c.name COLLATE "default"), (c.legal_name COLLATE "default")) AS n (name)
) k
WHERE k.key <> ''
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Have the companies that are there be found by their names."""
    op.execute(NAMES)
