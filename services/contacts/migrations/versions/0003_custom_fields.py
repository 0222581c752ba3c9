"""Fields that tenants define, and the values of records where filters find them."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0003"
down_revision = "0002"


_FIELDS = """
CREATE TABLE custom_fields (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    object text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    type text NOT NULL,
    label json NOT NULL,
    help_text json NOT NULL,
    required boolean NOT NULL,
    "default" json NOT NULL,
    choices json NOT NULL,
    limits json NOT NULL,
    reference_to text,
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT custom_fields_key_unique UNIQUE (tenant_id, object, key)
);
CREATE INDEX custom_fields_placed ON custom_fields (tenant_id, position, id);
CREATE TABLE custom_field_revisions (
    tenant_id uuid PRIMARY KEY,
    revision bigint NOT NULL
);
"""


def upgrade() -> None:
    """Create the tables of custom fields."""
    op.execute(_FIELDS)
    for table, records in (
        ("person_custom_values", "people"),
        ("company_custom_values", "companies"),
    ):
        op.execute(
            f"""
            CREATE TABLE {table} (
                tenant_id uuid NOT NULL,
                field_id uuid NOT NULL,
                value text COLLATE "C" NOT NULL,
                record_id uuid NOT NULL,
                PRIMARY KEY (tenant_id, field_id, value, record_id),
                FOREIGN KEY (tenant_id, record_id) REFERENCES {records} (tenant_id, id)
                    ON DELETE CASCADE,
                FOREIGN KEY (tenant_id, field_id) REFERENCES custom_fields (tenant_id, id)
            );
            CREATE INDEX {table}_of ON {table} (tenant_id, record_id);
            """
        )
        protect(table)
    for table in ("custom_fields", "custom_field_revisions"):
        protect(table)
