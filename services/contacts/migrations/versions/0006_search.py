"""What people and companies are found by as somebody types, and the words of their names."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of search; what is there already is indexed by `rebuild-search`."""
    for records, terms in (
        ("people", "person_search_terms"),
        ("companies", "company_search_terms"),
    ):
        _terms(records, terms)
        protect(terms)
    _dictionary()
    for table in ("search_words", "search_deletions"):
        protect(table)
    # Which tenants have a dictionary to be looked through.
    open_to_system("search_words", may="SELECT (tenant_id)")


def _terms(records: str, terms: str) -> None:
    """Terms go with their record.

    A trigger sees to that: it costs nothing when terms are written, which a foreign key does, for
    each of them. It runs as the owner, whoever deletes the record, and so names the tenant.
    """
    op.execute(
        f"""
        CREATE TABLE {terms} (
            tenant_id uuid NOT NULL,
            term text COLLATE "C" NOT NULL,
            record_id uuid NOT NULL,
            PRIMARY KEY (tenant_id, term, record_id)
        );
        CREATE INDEX {terms}_of ON {terms} (tenant_id, record_id, term);
        CREATE FUNCTION forget_{terms}() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
            AS $$
            BEGIN
                DELETE FROM {terms} WHERE tenant_id = OLD.tenant_id AND record_id = OLD.id;
                RETURN NULL;
            END
            $$;
        CREATE TRIGGER {terms}_forgotten AFTER DELETE ON {records}
            FOR EACH ROW EXECUTE FUNCTION forget_{terms}();
        """  # noqa: S608 - the names of tables are our own
    )


def _dictionary() -> None:
    """Nothing is unique here: two who add the same word at once need not wait for each other."""
    op.execute(
        """
        CREATE TABLE search_words (
            tenant_id uuid NOT NULL,
            word text COLLATE "C" NOT NULL,
            unused_since timestamptz
        );
        CREATE INDEX search_words_of ON search_words (tenant_id, word);
        CREATE TABLE search_deletions (
            tenant_id uuid NOT NULL,
            deletion text COLLATE "C" NOT NULL,
            word text COLLATE "C" NOT NULL
        );
        CREATE INDEX search_deletions_of ON search_deletions (tenant_id, deletion, word);
        """
    )
