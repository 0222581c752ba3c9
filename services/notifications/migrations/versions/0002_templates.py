"""Templates: what is worked on, and what was published."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0002"
down_revision = "0001"


_TEMPLATES = """
CREATE TABLE templates (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    default_language text NOT NULL,
    variables json NOT NULL,
    content json NOT NULL,
    live integer,
    latest integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT templates_key_unique UNIQUE (tenant_id, key)
);
CREATE INDEX templates_updated ON templates (tenant_id, updated_at, id);
CREATE TABLE template_versions (
    tenant_id uuid NOT NULL,
    template_id uuid NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    default_language text NOT NULL,
    variables json NOT NULL,
    content json NOT NULL,
    compiled json NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    PRIMARY KEY (tenant_id, template_id, number),
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id)
);
"""


def upgrade() -> None:
    """Create the tables of templates; what was published can be added, and never changed."""
    op.execute(_TEMPLATES)
    protect("templates", may="SELECT, INSERT, UPDATE")
    protect("template_versions", may="SELECT, INSERT")
