"""Articles of the knowledge base: drafts, what was published, what they are found by, what readers say."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0050"
down_revision = "0003"

_ARTICLES = """
CREATE TABLE article_sections (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name json NOT NULL,
    parent_id uuid,
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES article_sections,
    CONSTRAINT article_sections_key_unique UNIQUE (tenant_id, key)
);
CREATE INDEX article_sections_below ON article_sections (tenant_id, parent_id, position, key);
CREATE TABLE articles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    section_id uuid,
    visibility text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    default_language text COLLATE "C" NOT NULL,
    title text NOT NULL,
    languages json NOT NULL,
    tags json NOT NULL,
    product_skus json NOT NULL,
    texts json NOT NULL,
    published_version integer NOT NULL,
    has_changes boolean NOT NULL,
    published_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, section_id) REFERENCES article_sections,
    CONSTRAINT articles_key_unique UNIQUE (tenant_id, key)
);
CREATE INDEX articles_updated ON articles (tenant_id, updated_at, id);
CREATE INDEX articles_of_section ON articles (tenant_id, section_id, updated_at, id);
CREATE TABLE article_labels (
    tenant_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    article_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, kind, label, article_id),
    FOREIGN KEY (tenant_id, article_id) REFERENCES articles
);
CREATE INDEX article_labels_of_article ON article_labels (tenant_id, article_id);
CREATE TABLE article_versions (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    number integer NOT NULL,
    default_language text COLLATE "C" NOT NULL,
    languages json NOT NULL,
    texts json NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, article_id, number),
    FOREIGN KEY (tenant_id, article_id) REFERENCES articles
);
"""
_FOUND_BY = """
CREATE TABLE article_readings (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    language text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    is_default boolean NOT NULL,
    section_id uuid,
    visibility text COLLATE "C" NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    length integer NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, article_id, language),
    FOREIGN KEY (tenant_id, article_id) REFERENCES articles
);
CREATE INDEX article_readings_length ON article_readings (tenant_id, length);
CREATE INDEX article_readings_title ON article_readings (tenant_id, visibility, title, article_id);
CREATE TABLE article_terms (
    tenant_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    article_id uuid NOT NULL,
    language text COLLATE "C" NOT NULL,
    visibility text COLLATE "C" NOT NULL,
    times integer NOT NULL,
    length integer NOT NULL,
    PRIMARY KEY (tenant_id, term, article_id, language),
    FOREIGN KEY (tenant_id, article_id) REFERENCES articles
);
CREATE INDEX article_terms_of_article ON article_terms (tenant_id, article_id);
"""
_READERS = """
CREATE TABLE article_feedback (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    article_id uuid NOT NULL,
    published_version integer NOT NULL,
    language text COLLATE "C" NOT NULL,
    helpful boolean NOT NULL,
    comment text NOT NULL,
    visitor text COLLATE "C" NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, article_id) REFERENCES articles,
    CONSTRAINT article_feedback_once UNIQUE (tenant_id, article_id, visitor)
);
CREATE INDEX article_feedback_given ON article_feedback (tenant_id, given_at, id);
CREATE TABLE article_views (
    tenant_id uuid NOT NULL,
    article_id uuid NOT NULL,
    day date NOT NULL,
    slot smallint NOT NULL,
    views bigint NOT NULL,
    PRIMARY KEY (tenant_id, article_id, day, slot),
    FOREIGN KEY (tenant_id, article_id) REFERENCES articles
);
CREATE TABLE article_solutions (
    tenant_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    article_id uuid,
    aggregate_version bigint NOT NULL,
    solved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id)
);
CREATE INDEX article_solutions_of_article ON article_solutions (tenant_id, article_id, solved_at);
"""
_TABLES = (
    "article_sections",
    "articles",
    "article_labels",
    "article_versions",
    "article_readings",
    "article_terms",
    "article_feedback",
    "article_views",
    "article_solutions",
)


def upgrade() -> None:
    """Create the tables of the knowledge base."""
    for statements in (_ARTICLES, _FOUND_BY, _READERS):
        op.execute(statements)
    for table in _TABLES:
        protect(table)
